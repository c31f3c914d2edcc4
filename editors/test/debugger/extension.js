// Starts debugpy for VS Code as the extension ms-python.debugpy does, which no registry at hand offers: the debugger
// is the real one, what is between it and VS Code is this.
const vscode = require("vscode");

exports.activate = (context) => {
  const python = process.env.PYTHON;
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("debugpy", {
      createDebugAdapterDescriptor: () => new vscode.DebugAdapterExecutable(python, ["-m", "debugpy.adapter"]),
    }),
    vscode.debug.registerDebugConfigurationProvider("debugpy", {
      // In the real one, the interpreter that is selected.
      resolveDebugConfiguration: (_, configuration) => ({ console: "internalConsole", ...configuration, python: [python] }),
    }),
  );
};
