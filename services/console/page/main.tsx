import { render } from 'preact';
import { App } from './app.tsx';
import { follow } from './live-state.ts';
import { followAddress } from './route.ts';
import { language, speak } from './words.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('the page has no place for the app');
speak(language.value);
followAddress();
follow();
render(<App />, root);
