// Starts `portside lsp` for the files that Portside reads. All else is the server's doing.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

const LANGUAGES = ["yaml", "json", "dockerfile", "github-actions-workflow", "helm"];
let client;

exports.activate = () => {
  const settings = workspace.getConfiguration("portside");
  const server = {
    command: settings.get("command"),
    args: ["lsp", ...settings.get("arguments")],
  };
  const documentSelector = LANGUAGES.flatMap((language) => [
    { scheme: "file", language },
    { scheme: "untitled", language },
  ]);
  client = new LanguageClient("portside", "Portside", server, { documentSelector });
  return client.start();
};

exports.deactivate = () => client?.stop();
