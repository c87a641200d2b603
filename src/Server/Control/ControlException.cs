namespace FullStack.Server.Control;

/// <summary>What a command asks for cannot be done. The message is for whoever gave the command.</summary>
internal sealed class ControlException(string message) : Exception(message);
