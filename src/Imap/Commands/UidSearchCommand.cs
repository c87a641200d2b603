using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>UID SEARCH: the UIDs of the messages that match.</summary>
/// <remarks>RFC 3501 §6.4.8; ESEARCH RFC 4731; MODSEQ RFC 7162 §3.1.5.</remarks>
/// <param name="Program">What to look for; null where the charset is unknown.</param>
internal sealed record UidSearchCommand(SearchProgram? Program) : IImapCommand<UidSearchCommand>
{
    public static ImapVerb Verb { get; }
        = new("UID SEARCH", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidSearchCommand? command)
    {
        SearchParse parse = reader.ReadSearchProgram(out SearchProgram? program);
        command = parse == SearchParse.Invalid ? null : new(program);
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => SearchAnswer.RunAsync(session, Program, byUid: true, "UID SEARCH completed", ct);
}
