import { mount } from "svelte";
import "v86-virtiofs/element";
import App from "./App.svelte";

mount(App, { target: document.getElementById("app")! });
