using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Imap.Server;
using FullStack.Imap.Threading;

namespace FullStack.Imap.Commands;

/// <summary>UID THREAD: the UIDs of the messages that match, as trees of messages and their replies.</summary>
/// <remarks>RFC 5256 §3.</remarks>
internal sealed record UidThreadCommand(ThreadAlgorithm Algorithm, SearchProgram Program) : IImapCommand<UidThreadCommand>
{
    public static ImapVerb Verb { get; } = new("UID THREAD", ImapStates.Selected, ImapVerbFlags.MaySendExpunge | ImapVerbFlags.AnswersWithUids);

    /// <summary>SP thread-alg SP charset 1*(SP search-key)</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out UidThreadCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadThreadAlgorithm(out ThreadAlgorithm algorithm) && reader.TryReadSpace()
            && reader.TryReadKeysInCharset(default, out SearchProgram? program) ? new(algorithm, program) : null;
        return command is not null;
    }

    public bool HoldsExpunges => Program.UsesNumbers || Program.UsesFilters;

    public bool NamesNumbers => Program.UsesNumbers;

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => SearchAnswer.ThreadAsync(session, Algorithm, Program, byUid: true, "UID THREAD completed", ct);
}
