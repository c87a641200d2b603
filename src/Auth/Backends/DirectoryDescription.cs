namespace FullStack.Auth.Backends;

/// <summary>A directory as a configuration has it.</summary>
/// <param name="Name">What it is called in log lines; no two have one name.</param>
/// <param name="Kind">One of <see cref="DirectoryKinds.Names"/>.</param>
/// <param name="Options">How it is asked.</param>
/// <param name="Values">The rest of its keys, each one of <see cref="DirectoryKinds.KeysOf"/>.</param>
public sealed record DirectoryDescription(string Name, string Kind, BackendOptions Options, IReadOnlyDictionary<string, string> Values);
