using System.Diagnostics.CodeAnalysis;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>A command with its arguments read, ready to take effect.</summary>
internal interface IPop3Command
{
    /// <summary>Takes effect and gives the one reply. The session has checked the state already.</summary>
    ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct);
}

/// <summary>What each command's type states of itself; the verb table is made of these.</summary>
internal interface IPop3Command<TSelf> : IPop3Command
    where TSelf : IPop3Command<TSelf>
{
    static abstract Pop3Verb Verb { get; }

    /// <summary>Reads what follows the verb, up to the end of the line. No effects.</summary>
    static abstract bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out TSelf? command);
}
