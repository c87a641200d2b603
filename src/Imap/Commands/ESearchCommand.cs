using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Notify;
using FullStack.Imap.Search;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>ESEARCH: finds messages in several mailboxes, whichever is selected.</summary>
/// <remarks>RFC 7377 §2. SAVE is for the selected mailbox alone, and only its results are kept up to date by UPDATE.</remarks>
/// <param name="Sources">Where to search; null: in the selected mailbox.</param>
/// <param name="Program">What for.</param>
internal sealed record ESearchCommand(IReadOnlyList<MailboxFilter>? Sources, SearchProgram Program) : IImapCommand<ESearchCommand>
{
    private static readonly MailboxFilter[] OnlySelected = [new(MailboxScope.Selected, [])];

    /// <summary>Most sources in one command, each of which is tried on each mailbox.</summary>
    private const int MaxSources = 100;

    public static ImapVerb Verb { get; } = new("ESEARCH", ImapStates.LoggedIn, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    /// <summary>[SP "IN" SP "(" filter-mailboxes *(SP filter-mailboxes) ")"] and the rest as in SEARCH. No scope options are defined.</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ESearchCommand? command)
    {
        command = null;
        List<MailboxFilter>? sources = null;
        if (reader.TryReadWord(" IN ("u8))
        {
            sources = [];
            do
            {
                if (sources.Count == MaxSources || !reader.TryReadMailboxFilter(out MailboxFilter? source))
                    return false;
                sources.Add(source);
            }
            while (reader.TryReadSpace());

            if (!reader.TryReadOctet((byte)')'))
                return false;
        }

        if (!reader.TryReadSearchProgram(out SearchProgram? program))
            return false;
        ReturnOptions wanted = program.Return.IsExtended ? program.Return : new(SearchReturn.All, null);
        command = new(sources, program with { Return = wanted });
        return true;
    }

    public bool HoldsExpunges => Program.UsesNumbers || Program.UsesFilters;

    public bool NamesNumbers => Program.UsesNumbers;

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        IReadOnlyList<MailboxFilter> sources = Sources ?? OnlySelected;
        bool needsSelected = sources.Any(static source => source.Scope == MailboxScope.Selected) || Program.Return.Has(SearchReturn.Update);
        if (needsSelected && session.Selection is null)
            return ImapCompletion.Bad("No mailbox is selected");
        if (Program.Return.Has(SearchReturn.Save) && sources.Any(static source => source.Scope != MailboxScope.Selected))
            return ImapCompletion.Bad("SAVE is for the selected mailbox");
        (SearchProgram program, ImapCompletion? refusal) = await SearchAnswer.PrepareAsync(session, Program, ct);
        return refusal ?? await new MailboxesSearch(session, program).RunAsync(sources, ct);
    }
}
