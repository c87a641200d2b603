using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Annotations;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Annotations;

namespace FullStack.Imap.Commands;

/// <summary>What STORE changes: flags or annotations.</summary>
internal interface IMessageStore
{
    /// <summary>Makes the change and tells what is to be told of it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="uids">The messages.</param>
    /// <param name="numbers">The same as message numbers, where the client named them so; null for UID STORE.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<ImapCompletion> RunAsync(ImapSession session, UidSet uids, NumberRanges? numbers, CancellationToken ct);

    /// <summary>["(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")" SP] (store-att-flags / att-annotate) (RFC 7162 §7, RFC 5257 §5)</summary>
    static bool TryRead(ref ImapReader reader, [NotNullWhen(true)] out IMessageStore? store)
    {
        store = null;
        ModSeq? unchangedSince = null;
        if (reader.TryReadWord("(UNCHANGEDSINCE "u8))
        {
            if (!reader.TryReadNumber64(out ulong modSeq) || !reader.TryReadWord(") "u8))
                return false;
            unchangedSince = new ModSeq(modSeq);
        }

        if (reader.TryReadWord("ANNOTATION "u8))
            store = reader.TryReadAnnotations(out IReadOnlyList<AnnotationChange>? changes) ? new AnnotationStore(changes, unchangedSince) : null;
        else if (FlagStore.TryRead(ref reader, unchangedSince, out FlagStore? flags))
            store = flags;
        return store is not null;
    }
}
