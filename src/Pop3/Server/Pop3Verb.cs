using FullStack.Pop3.Commands;
using FullStack.Pop3.Grammar;

namespace FullStack.Pop3.Server;

/// <summary>Where a session stands: a login leads from the first to the second, QUIT out of both.</summary>
/// <remarks>RFC 1939 §3. The UPDATE state of §6 is no state that takes commands: it is what QUIT does in the second.</remarks>
[Flags]
internal enum Pop3States
{
    None = 0,
    Authorization = 1,
    Transaction = 2,
    Any = Authorization | Transaction,
}

/// <summary>One verb as the table knows it.</summary>
/// <param name="Name">Upper case.</param>
/// <param name="States">Where it is allowed.</param>
/// <param name="Syntax">For the answer to a syntax error.</param>
/// <param name="Capability">Its line in the answer to CAPA; null where it has none (RFC 2449 §6).</param>
internal sealed record Pop3Verb(string Name, Pop3States States, string Syntax, string? Capability = null)
{
    /// <summary>Whether only trusted proxies know it.</summary>
    public bool IsForProxies { get; init; }
}

/// <summary>Reads the arguments that follow a verb; null where they do not parse.</summary>
internal delegate IPop3Command? Pop3Parse(ref Pop3Reader reader);

/// <summary>A row of the verb table.</summary>
internal sealed record Pop3VerbEntry(Pop3Verb Verb, Pop3Parse Parse);
