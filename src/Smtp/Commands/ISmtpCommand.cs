using System.Diagnostics.CodeAnalysis;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>A command with its arguments read, ready to take effect.</summary>
internal interface ISmtpCommand
{
    /// <summary>Takes effect and gives the one reply. The session has checked the state already.</summary>
    ValueTask<SmtpReply> ExecuteAsync(SmtpSession session, CancellationToken ct);
}

/// <summary>What each command's type states of itself; the verb table is made of these.</summary>
internal interface ISmtpCommand<TSelf> : ISmtpCommand
    where TSelf : ISmtpCommand<TSelf>
{
    static abstract SmtpVerb Verb { get; }

    /// <summary>Reads what follows the verb, up to the end of the line. No effects.</summary>
    static abstract bool TryParse(ref SmtpReader reader, [NotNullWhen(true)] out TSelf? command);
}
