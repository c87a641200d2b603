using System.Globalization;
using System.Net.Sockets;

namespace FullStack.Server.Doctor;

/// <summary>Makes checks, each within a time, all at once.</summary>
internal static class Examination
{
    /// <summary>How long a check may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <returns>What was found, in the order of the checks, of each at least one finding.</returns>
    public static async Task<IReadOnlyList<Finding>> RunAsync(IReadOnlyList<IDoctorCheck> checks, TimeProvider time, CancellationToken ct)
        => [.. (await Task.WhenAll(checks.Select(check => RunAsync(check, time, ct)))).SelectMany(static found => found)];

    /// <summary>The exit code for what was found: 0 all is well, 1 warnings, 2 errors. What could not be looked at changes nothing.</summary>
    public static int ExitCodeFor(IReadOnlyList<Finding> findings)
        => findings.Any(static finding => finding.Kind.Level == FindingLevel.Error) ? 2 : findings.Any(static finding => finding.Kind.Level == FindingLevel.Warning) ? 1 : 0;

    private static async Task<IReadOnlyList<Finding>> RunAsync(IDoctorCheck check, TimeProvider time, CancellationToken ct)
    {
        using CancellationTokenSource limit = new(Limit, time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            // Some block, and a disk may for longer than it should: they are left behind then.
            IReadOnlyList<Finding> found = await Task.Run(() => check.RunAsync(both.Token), both.Token).WaitAsync(both.Token);
            return found.Count > 0 ? found : [new(FindingKind.Ok(check.Name), "nothing to look at")];
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return [new(FindingKind.Unknown(check.Name), string.Create(CultureInfo.InvariantCulture, $"not done within {Limit.TotalSeconds} s"))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            return [new(FindingKind.Unknown(check.Name), e.Message)];
        }
    }
}
