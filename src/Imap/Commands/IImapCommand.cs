using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>A parsed command, ready to run.</summary>
internal interface IImapCommand
{
    /// <summary>Message numbers are among its arguments although its verb names UIDs: EXPUNGE and VANISHED have to wait (RFC 7162 §3.2.10.2).</summary>
    bool HoldsExpunges => false;

    /// <summary>Message numbers are among its arguments although its verb does not say so.</summary>
    bool NamesNumbers => HoldsExpunges;

    /// <summary>Does what the command asks and says how it ended. Untagged data goes to the session's writer; the tagged answer is the caller's.</summary>
    ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct);
}

/// <summary>One command of the protocol: its verb, its grammar and its effect.</summary>
internal interface IImapCommand<TSelf> : IImapCommand
    where TSelf : class, IImapCommand<TSelf>
{
    /// <summary>The command's name, and where and how it may run.</summary>
    static abstract ImapVerb Verb { get; }

    /// <summary>Reads what follows the verb, up to the end of the frame. On failure the reader stands where the error is.</summary>
    static abstract bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out TSelf? command);
}
