// The program's environment is node's.
Module.preRun = [() => Object.assign(ENV, process.env)];
