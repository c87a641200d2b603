using System.Security.Cryptography.X509Certificates;

namespace FullStack.Server.Acme;

/// <summary>When a certificate is asked for.</summary>
internal static class RenewalSchedule
{
    /// <summary>The pause after a first failure. Authorities allow some five failures an hour.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(15);

    /// <summary>The longest pause between attempts, unless the authority wants a longer one.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    /// <summary>When to renew: at two thirds of the life.</summary>
    public static DateTimeOffset DueAt(X509Certificate2 certificate)
    {
        DateTimeOffset begin = certificate.NotBefore;
        return begin + ((new DateTimeOffset(certificate.NotAfter) - begin) * 2 / 3);
    }

    /// <summary>How long to wait after failures: twice as long each time, a fifth more or less, so that many servers do not come back together.</summary>
    /// <param name="failures">How many in a row.</param>
    /// <param name="asked">What the authority wants at least; null: it did not say.</param>
    /// <param name="chance">From 0 to 1.</param>
    public static TimeSpan PauseAfter(int failures, TimeSpan? asked, double chance)
    {
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(failures, 10) - 1);
        pause = (pause > LongestPause ? LongestPause : pause) * (0.8 + (0.4 * chance));
        return asked > pause ? asked.Value : pause;
    }
}
