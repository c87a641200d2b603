using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Server;

namespace FullStack.Pop3.Commands;

/// <summary>CAPA: what this server can do, here and now.</summary>
/// <remarks>RFC 2449 §5 and §6; AUTH-RESP-CODE RFC 3206 §6; SASL RFC 5034 §6; STLS RFC 2595 §4, which is offered only where it can be used.</remarks>
internal sealed record CapaCommand : IPop3Command<CapaCommand>
{
    private static readonly string[] s_always = ["RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "IMPLEMENTATION FullStack-Mail"];

    public static Pop3Verb Verb { get; } = new("CAPA", Pop3States.Any, "CAPA");

    public static bool TryParse(ref Pop3Reader reader, [NotNullWhen(true)] out CapaCommand? command)
    {
        command = reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<Pop3Reply> ExecuteAsync(Pop3Session session, CancellationToken ct)
    {
        IEnumerable<string> verbs = Pop3VerbTable.All
            .Where(entry => entry.Verb.Capability is not null && IsUsable(entry.Verb, session))
            .Select(entry => entry.Verb.Capability == "SASL" ? "SASL " + string.Join(' ', session.Server.Authenticator.MechanismsFor(session.Sasl)) : entry.Verb.Capability!);
        return new(Pop3Reply.Ok("capabilities follow", new LinesBody([.. verbs, .. s_always, .. Policy(session.Server.Options)])));
    }

    /// <summary>What the administrator has laid down. A delay of login of none is not worth a line (RFC 2449 §6.5 has it as a number of seconds).</summary>
    private static IEnumerable<string> Policy(Pop3Options options)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"EXPIRE {(options.ExpireDays == int.MaxValue ? "NEVER" : options.ExpireDays)}");
        if (options.LoginDelay >= TimeSpan.FromSeconds(1))
            yield return string.Create(CultureInfo.InvariantCulture, $"LOGIN-DELAY {(int)options.LoginDelay.TotalSeconds}");
    }

    // What belongs to the other state is announced too, so that one CAPA before the login is enough; STLS alone is not (RFC 2595 §4).
    private static bool IsUsable(Pop3Verb verb, Pop3Session session) => verb.Name switch
    {
        "USER" => session.State == Pop3States.Transaction || session.MaySendPassword,
        "AUTH" => session.Server.Authenticator.MechanismsFor(session.Sasl).Count > 0,
        "STLS" => session is { State: Pop3States.Authorization, Connection.Tls: null, Server.Tls: not null },
        _ => true,
    };
}
