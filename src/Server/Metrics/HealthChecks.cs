using FullStack.Server.Hosting;
using FullStack.Server.Supervision;

namespace FullStack.Server.Metrics;

/// <summary>Says whether the server can do its work now.</summary>
/// <param name="parts">Who is asked.</param>
/// <param name="connections">Tells when the server stops.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthChecks(IReadOnlyList<WatchedPart> parts, OpenConnections connections, TimeProvider time)
{
    /// <summary>How long a part may take to answer before it counts as hanging.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    /// <summary>What keeps the server from taking and delivering mail, in a few words each; empty: nothing.</summary>
    public async Task<IReadOnlyList<string>> FindTroubleAsync(CancellationToken ct)
    {
        List<string> trouble = [];
        if (connections.IsDraining)
            trouble.Add("the server is stopping");
        trouble.AddRange((await Task.WhenAll(parts.Select(part => TroubleOfAsync(part, ct)))).OfType<string>());
        return trouble;
    }

    private async Task<string?> TroubleOfAsync(WatchedPart part, CancellationToken ct)
    {
        try
        {
            await part.AnswerAsync().WaitAsync(AnswerTime, time, ct);
            return null;
        }
        catch (TimeoutException)
        {
            return $"{part.Name}: no answer";
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return $"{part.Name}: cannot be used";
        }
    }
}
