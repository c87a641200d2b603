using System.Globalization;
using System.Text.Json.Nodes;
using FullStack.Auth;
using FullStack.Auth.Throttling;

namespace FullStack.Server.Control;

/// <summary>What commands may ask of logins.</summary>
internal static class LoginControl
{
    public const string List = "auth.blocks.list";
    public const string Lift = "auth.blocks.lift";
    public const string Subject = "subject";

    /// <summary>Networks, and accounts, that one answer has at most.</summary>
    private const int MaxListed = 500;

    public static IReadOnlyDictionary<string, ControlHandler> CommandsOf(Authenticator authenticator) => new Dictionary<string, ControlHandler>
    {
        [List] = (_, _) =>
        {
            (IReadOnlyList<FailureCount> networks, IReadOnlyList<FailureCount> accounts) = authenticator.ListFailures(MaxListed);
            return new(new JsonArray([.. networks.Select(static one => Row("network", one)), .. accounts.Select(static one => Row("account", one))]));
        },
        [Lift] = (request, _) => request[Subject] is JsonValue value && value.TryGetValue(out string? subject)
            ? new(JsonValue.Create(authenticator.LiftFailures(subject)))
            : throw new ControlException("whom?"),
    };

    private static JsonObject Row(string kind, FailureCount count) => new()
    {
        ["kind"] = kind,
        ["subject"] = count.Subject,
        ["failures"] = count.Failures,
        ["wait"] = Math.Ceiling(count.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "s",
    };
}
