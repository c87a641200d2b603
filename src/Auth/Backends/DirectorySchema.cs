namespace FullStack.Auth.Backends;

/// <summary>The tables of the directory's file, and how older ones are brought up to date.</summary>
internal static class DirectorySchema
{
    /// <summary>How long a statement waits for another process that writes.</summary>
    public const int BusySeconds = 5;

    /// <summary>Each entry takes the file from the version that is its index to the next (PRAGMA user_version).</summary>
    private static readonly string[] s_steps =
    [
        """
        CREATE TABLE domain (
            name TEXT NOT NULL PRIMARY KEY
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE user (
            domain TEXT NOT NULL REFERENCES domain (name),
            local  TEXT NOT NULL,
            secret TEXT NOT NULL,
            PRIMARY KEY (domain, local)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE alias_target (
            domain     TEXT NOT NULL REFERENCES domain (name) ON DELETE CASCADE,
            local      TEXT NOT NULL, -- empty: the catch-all
            target_key TEXT NOT NULL, -- as it compares
            target     TEXT NOT NULL, -- as it was written
            PRIMARY KEY (domain, local, target_key)
        ) STRICT, WITHOUT ROWID;
        """,

        // Quotas. NULL: what the configuration says; the largest number there is: no limit.
        """
        ALTER TABLE domain ADD COLUMN quota_octets INTEGER;
        ALTER TABLE domain ADD COLUMN quota_messages INTEGER;
        ALTER TABLE user ADD COLUMN quota_octets INTEGER;
        ALTER TABLE user ADD COLUMN quota_messages INTEGER;
        """,

        // How many mailboxes, in the same way, and the host that an account has moved to.
        """
        ALTER TABLE user ADD COLUMN quota_mailboxes INTEGER;
        ALTER TABLE user ADD COLUMN moved_to TEXT;
        """,

        // Since when they have had one owner, in seconds since 1970; NULL: not known. Accounts that were there before may be older than this file.
        """
        ALTER TABLE user ADD COLUMN owned_since INTEGER;
        ALTER TABLE domain ADD COLUMN owned_since INTEGER;
        """,

        // A key that salts are made with which must stay the same and tell nothing.
        """
        CREATE TABLE salt_key (
            value TEXT NOT NULL
        ) STRICT;
        INSERT INTO salt_key VALUES (lower(hex(randomblob(32))));
        """,

        // What holds for an account's submissions. NULL: what the configuration says.
        """
        ALTER TABLE user ADD COLUMN submit_octets INTEGER;
        ALTER TABLE user ADD COLUMN sent_copy INTEGER;
        """,

        // Passwords for single programs, and secrets of codes; of accounts of other back-ends too, so no reference. What an account had does not come back with its address.
        """
        CREATE TABLE app_password (
            domain   TEXT NOT NULL,
            local    TEXT NOT NULL,
            name     TEXT NOT NULL,
            services INTEGER NOT NULL, -- 1: SMTP, 2: IMAP, 4: POP3
            created  INTEGER NOT NULL, -- seconds since 1970, as all times here
            expires  INTEGER,
            digest   TEXT NOT NULL,
            verifier TEXT NOT NULL,
            PRIMARY KEY (domain, local, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE time_code (
            domain    TEXT NOT NULL,
            local     TEXT NOT NULL,
            secret    TEXT NOT NULL,
            last_step INTEGER NOT NULL, -- the last code that was used; no earlier one is good
            PRIMARY KEY (domain, local)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER user_gone AFTER DELETE ON user BEGIN
            DELETE FROM app_password WHERE domain = old.domain AND local = old.local;
            DELETE FROM time_code WHERE domain = old.domain AND local = old.local;
        END;
        """,
    ];

    /// <summary>The version this program writes.</summary>
    public static int Version => s_steps.Length;

    /// <summary>Makes the file, readable by its owner alone, where it is missing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void CreateFile(string file)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        if (File.Exists(file))
            return;
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // SQLite gives -wal and -shm the same mode
        new FileStream(file, options).Dispose();
    }

    /// <summary>Brings the tables up to date. Several processes may do so at once.</summary>
    /// <exception cref="DirectoryUnavailableException">A newer program made the file.</exception>
    public static void Migrate(DirectoryConnection connection)
    {
        connection.Execute("PRAGMA journal_mode = WAL");
        if (VersionOf(connection) == Version)
            return;
        connection.Transact(static c =>
        {
            long found = VersionOf(c);
            if (found > Version)
                throw new DirectoryUnavailableException($"the account directory has version {found}, this program knows up to {Version}");
            for (long step = found; step < Version; step++)
                c.Execute(s_steps[step]);
            c.Execute($"PRAGMA user_version = {Version}");
            return DirectoryOutcome.Done;
        });
    }

    public static long VersionOf(DirectoryConnection connection) => connection.Number("PRAGMA user_version");
}
