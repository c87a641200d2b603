namespace FullStack.Queue.Spool;

/// <summary>The tables of the queue.</summary>
/// <remarks>
/// Times are Unix milliseconds. <c>messages.alarm</c> is when something has to be done about a message apart from attempts: a notice that it is late, or
/// giving up. <c>held</c> is since when an administrator keeps it back, or 0, and <c>kept</c> how long one did before. A recipient's <c>due</c> is when it may be tried next; that of one that is held lies in no future. Recipients for one destination and of one
/// rank are a lane. Invariant: each recipient has its lane, and <c>lanes.next</c> is never later than the earliest <c>due</c> in it; <c>lanes.wake</c> is
/// the later one of <c>next</c> and <c>pause</c>, up to which the destination is let alone. So a look for work reads lanes, in the order in which they
/// wake, and never the messages behind one that sleeps.
/// </remarks>
internal static class QueueSchema
{
    private static readonly string[] Steps = [Version1, Version2, Version3, Version4];

    public static int Version => Steps.Length;

    private const string Version1 = """
        CREATE TABLE IF NOT EXISTS messages (
            id INTEGER PRIMARY KEY, sender TEXT NOT NULL, envelope TEXT NOT NULL, origin TEXT NOT NULL, arrived INTEGER NOT NULL, octets INTEGER NOT NULL,
            skip INTEGER NOT NULL, held INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0, warned INTEGER NOT NULL DEFAULT 0, alarm INTEGER);
        CREATE INDEX IF NOT EXISTS messages_alarm ON messages (alarm) WHERE alarm IS NOT NULL;
        CREATE TABLE IF NOT EXISTS recipients (
            id INTEGER PRIMARY KEY, message INTEGER NOT NULL, address TEXT NOT NULL, destination TEXT NOT NULL, rank INTEGER NOT NULL, due INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, details TEXT NOT NULL, code INTEGER, status TEXT, said TEXT, host TEXT, tried INTEGER);
        CREATE INDEX IF NOT EXISTS recipients_message ON recipients (message);
        CREATE INDEX IF NOT EXISTS recipients_lane ON recipients (destination, rank, due, message);
        CREATE TABLE IF NOT EXISTS lanes (
            destination TEXT NOT NULL, rank INTEGER NOT NULL, next INTEGER NOT NULL, pause INTEGER NOT NULL DEFAULT 0, wake INTEGER NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0, said TEXT, PRIMARY KEY (destination, rank)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS lanes_wake ON lanes (rank, wake);
        CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """;

    /// <summary>
    /// Recipients know their domains, by which administrators and hosts ask for them, and whether their sender was told that they are late; those that are done
    /// with may stay until the sender is told (<c>outcome</c>), in no lane.
    /// </summary>
    private const string Version2 = """
        ALTER TABLE recipients ADD COLUMN domain TEXT NOT NULL DEFAULT '';
        UPDATE recipients SET domain = lower(substr(address, length(rtrim(address, replace(address, '@', ''))) + 1));
        CREATE INDEX recipients_domain ON recipients (domain, message);
        ALTER TABLE recipients ADD COLUMN outcome TEXT;
        ALTER TABLE recipients ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;
        UPDATE recipients SET warned = coalesce((SELECT warned FROM messages WHERE messages.id = recipients.message), 0);
        ALTER TABLE messages DROP COLUMN warned;
        """;

    /// <summary>Sessions with TLS, by their day (UTC, since 1970), until the domains are told of them (<c>TlsReports</c>).</summary>
    private const string Version3 = """
        CREATE TABLE IF NOT EXISTS tls_sessions (
            day INTEGER NOT NULL, subject TEXT NOT NULL, policy TEXT NOT NULL, failure TEXT NOT NULL, sessions INTEGER NOT NULL,
            PRIMARY KEY (day, subject, policy, failure)) WITHOUT ROWID;
        """;

    /// <summary>Names of dropped files whose messages were taken on, until the files are gone for good (<see cref="DropTable"/>).</summary>
    private const string Version4 = "CREATE TABLE IF NOT EXISTS drops (name TEXT PRIMARY KEY) WITHOUT ROWID;";

    /// <summary>The statements that bring a database of some version to the present one, all in one transaction.</summary>
    public static string Upgrade(long version)
        => $"BEGIN IMMEDIATE; {string.Concat(Steps.Skip((int)version))} PRAGMA user_version = {Version}; COMMIT;";
}
