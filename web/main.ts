import './styles/tokens.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/screens.css';
import './styles/statements.css';
import './styles/phone.css';
import { App } from './app.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element with id "app"');
void new App(root).start();
