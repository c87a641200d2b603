namespace FullStack.Store.Annotations;

/// <summary>What a user sees of one annotation of a message (RFC 5257 §3).</summary>
/// <param name="Entry">The entry's name, which is case-sensitive.</param>
/// <param name="IsShared">Whether all users of the mailbox see it; else it is this user's alone.</param>
/// <param name="Value">Its value, which may be empty.</param>
public sealed record Annotation(string Entry, bool IsShared, byte[] Value);

/// <summary>One annotation to be set.</summary>
/// <param name="Entry">The entry's name.</param>
/// <param name="IsShared">Whether all users of the mailbox will see it.</param>
/// <param name="Value">Its value; null takes it away.</param>
public sealed record AnnotationChange(string Entry, bool IsShared, byte[]? Value);
