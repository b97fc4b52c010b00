// Gives each block of code a button that copies it.
for (const block of document.querySelectorAll(".code")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  const says = (text) => () => (button.textContent = text);
  button.addEventListener("click", () => {
    navigator.clipboard
      .writeText(block.querySelector("code").textContent)
      .then(says("Copied"), says("Copying was refused"));
  });
  block.append(button);
}
