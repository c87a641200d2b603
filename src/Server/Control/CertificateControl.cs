using System.Text.Json.Nodes;
using FullStack.Server.Acme;

namespace FullStack.Server.Control;

/// <summary>What commands may ask of certificates.</summary>
internal static class CertificateControl
{
    /// <summary>Has certificates renewed now; answers with the first names of those it concerns, and does not wait for them.</summary>
    public const string Renew = "certificate.renew";

    /// <summary>Whether a renewal that was asked for goes on.</summary>
    public const string Renewing = "certificate.renewing";

    public const string Name = "name";

    public static IReadOnlyDictionary<string, ControlHandler> CommandsOf(CertificateRenewal renewal) => new Dictionary<string, ControlHandler>
    {
        [Renew] = (request, _) => new(new JsonArray([.. renewal.Ask(NameIn(request)).Select(static certificate => JsonValue.Create(certificate.Names[0]))])),
        [Renewing] = (_, _) => new(JsonValue.Create(renewal.IsAsked)),
    };

    private static string? NameIn(JsonObject request) => request[Name] is JsonValue value && value.TryGetValue(out string? name) ? name : null;
}
