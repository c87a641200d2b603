using FullStack.Imap.Annotations;
using FullStack.Store;
using FullStack.Store.Identity;

namespace FullStack.Imap.Search;

/// <summary>What a search's keys are relative to: the mailbox as the client knows it, and the time.</summary>
/// <param name="LastNumber">The number of its last message; 0 where there is none.</param>
/// <param name="LastUid">That message's UID; 1 where there is none.</param>
/// <param name="Saved">What <c>$</c> stands for.</param>
/// <param name="Now">The server's time.</param>
/// <param name="Identities">The messages' ids and save dates, as far as keys ask about them; null where no key asks for them.</param>
internal readonly record struct SearchScope(uint LastNumber, Uid LastUid, UidSet Saved, DateTimeOffset Now, IReadOnlyList<MessageIdentity>? Identities = null)
{
    /// <summary>How near the texts of FUZZY keys have to be.</summary>
    public Nearness Nearness { get; init; }

    /// <summary>The messages that meet each condition on annotations that keys have.</summary>
    public IReadOnlyDictionary<AnnotationCondition, UidSet>? Annotated { get; init; }
}
