using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Imap.Server;
using FullStack.Imap.Sorting;

namespace FullStack.Imap.Commands;

/// <summary>SORT: the numbers of the messages that match, in an order.</summary>
/// <remarks>RFC 5256 §3; RETURN RFC 5267 §3.1.</remarks>
internal sealed record SortCommand(IReadOnlyList<SortCriterion> Criteria, SearchProgram Program) : IImapCommand<SortCommand>
{
    public static ImapVerb Verb { get; } = new("SORT", ImapStates.Selected, ImapVerbFlags.UsesSequenceNumbers);

    /// <summary>[SP "RETURN" SP "(" …")"] SP sort-criteria SP charset 1*(SP search-key)</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SortCommand? command)
    {
        command = reader.TryReadReturn(out ReturnOptions wanted) && reader.TryReadSpace()
            && reader.TryReadSortCriteria(out IReadOnlyList<SortCriterion>? criteria) && reader.TryReadSpace()
            && reader.TryReadKeysInCharset(wanted, out SearchProgram? program)
            && (program.UsesFuzzy || program.UsesFilters || program.Key is null || criteria.All(static criterion => criterion.Key != SortKey.Relevancy)) ? new(criteria, program) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => SearchAnswer.SortAsync(session, Criteria, Program, byUid: false, "SORT completed", ct);
}
