using System.Globalization;
using System.Text.Json.Nodes;
using FullStack.Queue.TlsReports;

namespace FullStack.Server.Control;

/// <summary>What commands may ask of reports about TLS.</summary>
internal static class TlsReportControl
{
    public const string Show = "tlsrpt.show";
    public const string Send = "tlsrpt.send";
    public const string Domain = "domain";

    public static IReadOnlyDictionary<string, ControlHandler> CommandsOf(TlsReporter reports) => new Dictionary<string, ControlHandler>
    {
        [Show] = async (request, _) => await AnswerAsync(async () => (await reports.ShowAsync(DomainOf(request))).Select(Row)),
        [Send] = async (request, ct) => await AnswerAsync(async () => (await reports.SendAsync(DomainOf(request), ct)).Select(Row)),
    };

    private static string? DomainOf(JsonObject request) => request[Domain] is JsonValue value && value.TryGetValue(out string? domain) ? domain.ToLowerInvariant() : null;

    private static async Task<JsonArray> AnswerAsync(Func<Task<IEnumerable<JsonObject>>> askAsync)
    {
        try
        {
            return [.. await askAsync()];
        }
        catch (IOException e)
        {
            throw new ControlException(e.Message);
        }
    }

    private static JsonObject Row(TlsReportSummary summary) => new()
    {
        ["day"] = Text(summary.Day),
        ["domain"] = summary.Subject,
        ["policy"] = summary.PolicyType,
        ["successes"] = summary.Successes,
        ["failures"] = summary.Failures,
        ["results"] = new JsonArray([.. summary.Results.Select(static result => JsonValue.Create(result))]),
    };

    private static JsonObject Row(TlsReportOutcome outcome) => new()
    {
        ["day"] = Text(outcome.Day), ["domain"] = outcome.Subject, ["state"] = outcome.IsDone ? "done" : "kept", ["outcome"] = outcome.Text,
    };

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
