using System.Numerics;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>What a query says of flags in any case: enough to pass over messages, and whole chunks of them, of which no entry is made.</summary>
/// <param name="Required">A message that matches has all of these.</param>
/// <param name="Forbidden">A message that matches has none of these.</param>
internal readonly record struct FlagFilter(SystemFlags Required, SystemFlags Forbidden)
{
    public static FlagFilter Of(MessageQuery query) => query switch
    {
        MessageQuery.And and => and.Queries.Aggregate(default(FlagFilter), static (all, one) => all.And(Of(one))),
        MessageQuery.Flagged flagged when BitOperations.IsPow2((uint)flagged.Flags) => new(flagged.Flags, SystemFlags.None),
        MessageQuery.Not { Query: MessageQuery.Flagged flagged } => new(SystemFlags.None, flagged.Flags),
        _ => default,
    };

    /// <summary>Whether a message with these flags may match.</summary>
    public bool MayTake(SystemFlags flags) => (flags & Required) == Required && (flags & Forbidden) == 0;

    /// <summary>Whether some message of a chunk may.</summary>
    public bool MayTakeAnyOf(MessageChunk chunk) => (chunk.AnyFlags & Required) == Required && (chunk.CommonFlags & Forbidden) == 0;

    private FlagFilter And(FlagFilter other) => new(Required | other.Required, Forbidden | other.Forbidden);
}
