using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UID SEARCH: the UIDs of the messages that match.</summary>
/// <remarks>RFC 3501 §6.4.8; ESEARCH RFC 4731 §3.1; SAVE RFC 5182 §2.1; PARTIAL RFC 9394 §3.1; MODSEQ RFC 7162 §3.1.5.</remarks>
internal sealed record UidSearchCommand(SearchProgram Program) : IImapCommand<UidSearchCommand>
{
    public static ImapVerb Verb { get; }
        = new("UID SEARCH", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidSearchCommand? command)
    {
        command = reader.TryReadSearchProgram(out SearchProgram? program) ? new(program) : null;
        return command is not null;
    }

    public bool HoldsExpunges => Program.UsesNumbers || Program.UsesFilters;

    public bool NamesNumbers => Program.UsesNumbers;

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => SearchAnswer.SearchAsync(session, Program, byUid: true, "UID SEARCH completed", ct);
}
