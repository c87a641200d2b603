using FullStack.Store.Outside;

namespace FullStack.Queue.Aliases;

/// <summary>A file of a user's own that says what becomes of mail for the account.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Targets">Its instructions, in order.</param>
internal sealed record PersonalFile(string Path, IReadOnlyList<AliasTarget> Targets)
{
    /// <summary>It is a .courier file, not a .forward.</summary>
    public bool IsCourier { get; init; }

    /// <summary>The folder that it lies in.</summary>
    public string Home => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>With whose rights programs run and files are written; null: with those of the configured user.</summary>
    public UnixUser? Owner { get; init; }

    /// <summary>What the end of its name, <c>-default</c>, stands for; null: it has none.</summary>
    public string? Default { get; init; }
}
