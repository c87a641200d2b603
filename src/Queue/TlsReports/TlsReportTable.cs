using FullStack.Queue.Spool;
using FullStack.Store.Index;

namespace FullStack.Queue.TlsReports;

/// <summary>The statements about sessions with TLS, which are kept until their domains are told.</summary>
internal static class TlsReportTable
{
    /// <summary>Kinds of sessions kept of one day.</summary>
    internal const int MaxKindsOfDay = 100_000;

    /// <summary>Adds what was counted.</summary>
    /// <returns>Sessions for which there was no room.</returns>
    public static long Add(IndexConnection queue, IReadOnlyDictionary<TlsSessionKind, long> counts)
    {
        long dropped = 0;
        foreach (IGrouping<long, KeyValuePair<TlsSessionKind, long>> day in counts.GroupBy(static one => one.Key.Day))
        {
            long room = MaxKindsOfDay - queue.Query("SELECT count(*) FROM tls_sessions WHERE day = $1", static r => r.GetInt64(0), day.Key)[0];
            foreach ((TlsSessionKind kind, long sessions) in day)
            {
                int updated = queue.Execute(
                    "UPDATE tls_sessions SET sessions = sessions + $5 WHERE day = $1 AND subject = $2 AND policy = $3 AND failure = $4",
                    kind.Day, kind.Subject, kind.Policy, kind.Failure, sessions);
                if (updated > 0)
                    continue;
                if (room-- <= 0)
                    dropped += sessions;
                else
                    queue.Execute("INSERT INTO tls_sessions (day, subject, policy, failure, sessions) VALUES ($1, $2, $3, $4, $5)", kind.Day, kind.Subject, kind.Policy, kind.Failure, sessions);
            }
        }

        return dropped;
    }

    /// <summary>The days before one, with the domains that are to be told of them; oldest first.</summary>
    /// <param name="queue">The database.</param>
    /// <param name="before">A day.</param>
    /// <param name="subject">One domain; null: all.</param>
    public static List<(long Day, string Subject)> List(IndexConnection queue, long before, string? subject)
        => queue.Query(
            "SELECT DISTINCT day, subject FROM tls_sessions WHERE day < $1 AND ($2 IS NULL OR subject = $2) ORDER BY day, subject",
            static r => (r.GetInt64(0), r.GetString(1)), before, subject);

    /// <summary>The sessions of a day with a domain, those under the same policy together.</summary>
    public static List<(TlsSessionKind Kind, long Sessions)> Find(IndexConnection queue, long day, string subject)
        => queue.Query(
            "SELECT policy, failure, sessions FROM tls_sessions WHERE day = $1 AND subject = $2 ORDER BY policy, failure",
            r => (new TlsSessionKind(day, subject, r.GetString(0), r.GetString(1)), r.GetInt64(2)), day, subject);

    public static void Remove(IndexConnection queue, long day, string subject) => queue.Execute("DELETE FROM tls_sessions WHERE day = $1 AND subject = $2", day, subject);
}
