using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Search;
using FullStack.Imap.Server;
using FullStack.Imap.Threading;

namespace FullStack.Imap.Commands;

/// <summary>THREAD: the numbers of the messages that match, as trees of messages and their replies.</summary>
/// <remarks>RFC 5256 §3.</remarks>
internal sealed record ThreadCommand(ThreadAlgorithm Algorithm, SearchProgram Program) : IImapCommand<ThreadCommand>
{
    public static ImapVerb Verb { get; } = new("THREAD", ImapStates.Selected, ImapVerbFlags.UsesSequenceNumbers);

    /// <summary>SP thread-alg SP charset 1*(SP search-key)</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ThreadCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadThreadAlgorithm(out ThreadAlgorithm algorithm) && reader.TryReadSpace()
            && reader.TryReadKeysInCharset(default, out SearchProgram? program) ? new(algorithm, program) : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => SearchAnswer.ThreadAsync(session, Algorithm, Program, byUid: false, "THREAD completed", ct);
}
