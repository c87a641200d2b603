using FullStack.Auth.Backends;

namespace FullStack.Unit.Auth;

public sealed class AccountDirectoryTests : IDisposable
{
    private readonly DirectoryFile _file = new();

    private AccountDirectory Directory => _file.Directory;

    public void Dispose() => _file.Dispose();

    [Fact]
    public void File_is_readable_by_its_owner_alone()
    {
        Directory.AddDomain("example.test");
        foreach (string file in new[] { _file.Path, _file.Path + "-wal", _file.Path + "-shm" })
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Domains_come_and_go()
    {
        Assert.Equal(DirectoryOutcome.Done, Directory.AddDomain("Example.TEST"));
        Assert.Equal(DirectoryOutcome.AlreadyThere, Directory.AddDomain("example.test"));
        Assert.True(Directory.HasDomain("EXAMPLE.test"));
        Assert.Equal(["example.test"], Directory.ListDomains());
        Assert.Equal(DirectoryOutcome.Done, Directory.RemoveDomain("example.test"));
        Assert.Equal(DirectoryOutcome.NotFound, Directory.RemoveDomain("example.test"));
        Assert.False(Directory.HasDomain("example.test"));
    }

    [Fact]
    public void Domain_with_accounts_stays()
    {
        Directory.AddDomain("example.test");
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal(DirectoryOutcome.InUse, Directory.RemoveDomain("example.test"));
        Directory.RemoveUser("ann@example.test");
        Directory.AddAlias("info@example.test", ["ann@elsewhere.test"]);
        Assert.Equal(DirectoryOutcome.Done, Directory.RemoveDomain("example.test"));
        Assert.Null(Directory.FindAlias("info@example.test"));
    }

    [Fact]
    public void Both_spellings_of_an_international_domain_are_one()
    {
        Assert.Equal(DirectoryOutcome.Done, Directory.AddDomain("Bücher.example"));
        Assert.Equal(DirectoryOutcome.AlreadyThere, Directory.AddDomain("xn--bcher-kva.EXAMPLE"));
        Assert.Equal(["xn--bcher-kva.example"], Directory.ListDomains());
        Assert.Equal(DirectoryOutcome.Done, Directory.AddUser("Jo\u0308rg@bu\u0308cher.example", "{PLAIN}x"));
        Assert.Equal("j\u00F6rg@xn--bcher-kva.example", Directory.FindUser("JÖRG@xn--bcher-kva.example")?.Address);
    }

    [Fact]
    public void Accounts_are_found_in_any_case()
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.NoSuchDomain, Directory.AddUser("ann@other.test", "{PLAIN}x"));
        Assert.Equal(DirectoryOutcome.Done, Directory.AddUser("Ann@Example.Test", "{PLAIN}x"));
        Assert.Equal(DirectoryOutcome.AlreadyThere, Directory.AddUser("ANN@example.test", "{PLAIN}y"));
        Assert.Equal(new DirectoryUser("ann@example.test"), Directory.FindUser("aNN@eXample.test"));
        Assert.Equal("{PLAIN}x", Directory.FindSecret("ANN@EXAMPLE.TEST"));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetSecret("ann@example.test", "{PLAIN}z"));
        Assert.Equal("{PLAIN}z", Directory.FindSecret("ann@example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.RemoveUser("ANN@example.test"));
        Assert.Null(Directory.FindUser("ann@example.test"));
        Assert.Null(Directory.FindSecret("ann@example.test"));
        Assert.Equal(DirectoryOutcome.NotFound, Directory.SetSecret("ann@example.test", "{PLAIN}z"));
    }

    [Fact]
    public void Lists_are_sorted_and_can_be_limited_to_a_domain()
    {
        Directory.AddDomain("b.test");
        Directory.AddDomain("a.test");
        foreach (string user in new[] { "z@a.test", "a@b.test", "b@a.test" })
            Directory.AddUser(user, "{PLAIN}x");
        Assert.Equal(["b@a.test", "z@a.test", "a@b.test"], Directory.ListUsers().Select(static u => u.Address));
        Assert.Equal(["a@b.test"], Directory.ListUsers("B.test").Select(static u => u.Address));
        Assert.Empty(Directory.ListUsers("not a domain"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("ann")]
    [InlineData("@example.test")]
    [InlineData("ann@")]
    [InlineData("ann@@example.test")]
    [InlineData(".ann@example.test")]
    [InlineData("ann.@example.test")]
    [InlineData("a..b@example.test")]
    [InlineData("a b@example.test")]
    [InlineData("a\0b@example.test")]
    [InlineData("a/b@example.test")]
    [InlineData("..@example.test")]
    [InlineData("ann@exa_mple.test")]
    [InlineData("ann@-example.test")]
    [InlineData("ann@example..test")]
    [InlineData("ann@example.test.")]
    [InlineData("ann@exa/mple.test")]
    [InlineData("a\u0085b@example.test")]
    [InlineData("a\u00A0b@example.test")]
    public void Malformed_addresses_are_refused(string address)
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddUser(address, "{PLAIN}x"));
        Assert.Null(Directory.FindUser(address));
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_malformed()
    {
        // Not among the data above: an attribute keeps its strings in UTF-8, which has no such thing.
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddUser("a\uD800@example.test", "{PLAIN}x"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddDomain("\uD800.test"));
    }

    [Fact]
    public void Lengths_are_bounded_in_octets()
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.Done, Directory.AddUser(new string('a', 64) + "@example.test", "{PLAIN}x"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddUser(new string('a', 65) + "@example.test", "{PLAIN}x"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddUser(new string('ä', 33) + "@example.test", "{PLAIN}x"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddDomain(new string('a', 64) + ".test"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddDomain(string.Join('.', Enumerable.Repeat("abcdefg", 32)) + ".test"));
    }

    [Fact]
    public void Aliases_gather_targets()
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.NoSuchDomain, Directory.AddAlias("info@other.test", ["ann@example.test"]));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddAlias("info@example.test", []));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.AddAlias("info@example.test", ["ann@example.test", "nonsense"]));
        Assert.Null(Directory.FindAlias("info@example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.AddAlias("Info@example.test", ["ann@example.test", "Bob@Elsewhere.TEST"]));
        Assert.Equal(DirectoryOutcome.AlreadyThere, Directory.AddAlias("info@example.test", ["bob@elsewhere.test"]));
        Assert.Equal(DirectoryOutcome.Done, Directory.AddAlias("info@example.test", ["cy@example.test"]));
        Assert.Equal(["ann@example.test", "Bob@elsewhere.test", "cy@example.test"], Directory.FindAlias("INFO@example.test")?.Targets);
        Assert.Equal(DirectoryOutcome.Done, Directory.RemoveAlias("info@example.test"));
        Assert.Equal(DirectoryOutcome.NotFound, Directory.RemoveAlias("info@example.test"));
    }

    [Fact]
    public void Catch_all_is_found_under_its_own_name_only()
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.Done, Directory.AddAlias("@example.test", ["ann@elsewhere.test"]));
        Assert.Equal(DirectoryOutcome.Done, Directory.AddAlias("info@example.test", ["bob@elsewhere.test"]));
        Assert.Equal(["ann@elsewhere.test"], Directory.FindAlias("@example.test")?.Targets);
        Assert.Null(Directory.FindAlias("who@example.test"));
        Assert.Equal(["@example.test", "info@example.test"], Directory.ListAliases("example.test").Select(static a => a.Address));
    }

    [Fact]
    public void An_address_is_an_account_or_an_alias()
    {
        Directory.AddDomain("example.test");
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal(DirectoryOutcome.AlreadyThere, Directory.AddAlias("ann@example.test", ["bob@elsewhere.test"]));
        Directory.AddAlias("info@example.test", ["ann@example.test"]);
        Assert.Equal(DirectoryOutcome.AlreadyThere, Directory.AddUser("info@example.test", "{PLAIN}x"));
    }

    [Fact]
    public void Loops_are_refused()
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.Loop, Directory.AddAlias("a@example.test", ["A@example.test"]));
        Directory.AddAlias("a@example.test", ["b@example.test"]);
        Directory.AddAlias("b@example.test", ["c@example.test", "x@elsewhere.test"]);
        Assert.Equal(DirectoryOutcome.Loop, Directory.AddAlias("c@example.test", ["d@example.test", "a@example.test"]));
        Assert.Null(Directory.FindAlias("c@example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.AddAlias("c@example.test", ["d@example.test"]));
    }

    [Fact]
    public void A_loop_through_the_catch_all_is_refused_unless_an_account_ends_it()
    {
        Directory.AddDomain("example.test");
        Assert.Equal(DirectoryOutcome.Loop, Directory.AddAlias("@example.test", ["ann@example.test"]));
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal(DirectoryOutcome.Done, Directory.AddAlias("@example.test", ["ann@example.test"]));
    }

    [Fact]
    public void A_change_by_another_process_is_seen_at_once()
    {
        using AccountDirectory other = new(_file.Path); // shares nothing with the first but the file
        Assert.False(Directory.HasDomain("example.test"));
        other.AddDomain("example.test");
        Assert.True(Directory.HasDomain("example.test"));
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal("{PLAIN}x", other.FindSecret("ann@example.test"));
        other.SetSecret("ann@example.test", "{PLAIN}y");
        Assert.Equal("{PLAIN}y", Directory.FindSecret("ann@example.test"));
    }

    [Fact]
    public async Task Two_instances_write_at_once_without_losing_anything()
    {
        using AccountDirectory other = new(_file.Path);
        Directory.AddDomain("example.test");
        AccountDirectory[] both = [Directory, other];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (int i = 0; i < 25; i++)
            {
                Assert.Equal(DirectoryOutcome.Done, both[writer % 2].AddUser($"u{writer}-{i}@example.test", "{PLAIN}x"));
                Assert.NotNull(both[(writer + 1) % 2].FindUser($"u{writer}-{i}@example.test"));
            }
        }, TestContext.Current.CancellationToken)));
        Assert.Equal(100, Directory.ListUsers().Count);
    }

    [Fact]
    public async Task Many_can_open_a_new_file_at_once()
    {
        string fresh = _file.Path + "-fresh";
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            using AccountDirectory directory = new(fresh);
            Assert.Equal(DirectoryOutcome.Done, directory.AddDomain($"d{i}.test"));
        }, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void A_file_that_is_no_database_is_unavailable()
    {
        string bad = _file.Path + "-bad";
        File.WriteAllText(bad, new string('x', 5000));
        Assert.Throws<DirectoryUnavailableException>(() => new AccountDirectory(bad));
    }

    [Fact]
    public void A_file_of_a_newer_program_is_left_alone()
    {
        string newer = _file.Path + "-newer";
        using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={newer};Pooling=false"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 1000";
            command.ExecuteNonQuery();
        }

        Assert.Contains("1000", Assert.Throws<DirectoryUnavailableException>(() => new AccountDirectory(newer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_while_running_is_unavailable_not_a_crash()
    {
        Directory.AddDomain("example.test");
        Directory.Dispose();
        using AccountDirectory directory = new(_file.Path);
        directory.FindUser("ann@example.test");
        File.WriteAllBytes(_file.Path, new byte[100]);
        File.WriteAllBytes(_file.Path + "-wal", []);
        Assert.Throws<DirectoryUnavailableException>(() =>
        {
            // The page cache of an open connection may still answer; a new connection must read the file.
            using AccountDirectory again = new(_file.Path);
            again.ListUsers();
        });
    }

    [Fact]
    public void Quotas_are_set_found_and_taken_back()
    {
        Directory.AddDomain("example.test");
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal(default, Directory.FindQuotas("ann@example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetUserQuota("ANN@example.test", new(5L << 30, null)));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetDomainQuota("Example.test", new(DirectoryQuota.Unlimited, 0)));
        Assert.Equal(new DirectoryQuotas(new(5L << 30, null), new(long.MaxValue, 0)), Directory.FindQuotas("Ann@Example.Test"));
        Assert.Equal(new DirectoryQuotas(default, new(long.MaxValue, 0)), Directory.FindQuotas("bob@example.test"));
        Assert.Equal(default, Directory.FindQuotas("bob@elsewhere.test"));
        Assert.Equal(new DirectoryQuota(5L << 30, null), Directory.FindUser("ann@example.test")!.Quota);
        Assert.Equal([new DirectoryDomain("example.test", new(long.MaxValue, 0))], Directory.ListDomainQuotas());
        Assert.Equal(DirectoryOutcome.NotFound, Directory.SetUserQuota("bob@example.test", default));
        Assert.Equal(DirectoryOutcome.NotFound, Directory.SetDomainQuota("elsewhere.test", default));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.SetUserQuota("ann@example.test", new(-1, null)));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.SetDomainQuota("-", default));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetUserQuota("ann@example.test", default));
        Assert.Equal(default, Directory.FindQuotas("ann@example.test").User);
    }

    [Fact]
    public void Mailboxes_are_limited_and_accounts_move()
    {
        Directory.AddDomain("example.test");
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal(DirectoryOutcome.Done, Directory.SetUserQuota("ann@example.test", new(null, 5, 7)));
        Assert.Equal(new DirectoryQuota(null, 5, 7), Directory.FindQuotas("ann@example.test").User);
        Assert.Equal(DirectoryOutcome.Malformed, Directory.SetUserQuota("ann@example.test", new(null, null, -1)));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetMovedTo("Ann@example.test", "mail.example.net"));
        Assert.Equal(new DirectoryUser("ann@example.test", new(null, 5, 7)) { MovedTo = "mail.example.net" }, Directory.FindUser("ann@example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetMovedTo("ann@example.test", null));
        Assert.Null(Directory.FindUser("ann@example.test")!.MovedTo);
        Assert.Equal(DirectoryOutcome.NotFound, Directory.SetMovedTo("bob@example.test", "x"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.SetMovedTo("@", "x"));
    }

    [Fact]
    public void Submissions_of_one_account_are_set_and_go_back_to_what_holds_for_all()
    {
        Directory.AddDomain("example.test");
        Directory.AddUser("ann@example.test", "{PLAIN}x");
        Assert.Equal(default, Directory.FindSubmission("ann@example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetSubmission("ANN@example.test", new(1000, false)));
        Assert.Equal(new DirectorySubmission(1000, false), Directory.FindSubmission("ann@Example.test"));
        Assert.Equal(DirectoryOutcome.Done, Directory.SetSubmission("ann@example.test", new(null, true)));
        Assert.Equal(new DirectorySubmission(null, true), Directory.FindSubmission("ann@example.test"));
        Assert.Equal(DirectoryOutcome.Malformed, Directory.SetSubmission("ann@example.test", new(0, null)));
        Assert.Equal(DirectoryOutcome.NotFound, Directory.SetSubmission("bob@example.test", default));
        Assert.Equal(default, Directory.FindSubmission("bob@example.test"));
        Assert.Equal(default, Directory.FindSubmission("@"));
    }

    [Fact]
    public void A_file_from_before_quotas_is_brought_up_to_date_with_what_it_holds()
    {
        string old = _file.Path + "-old";
        using (Microsoft.Data.Sqlite.SqliteConnection connection = new($"Data Source={old};Pooling=false"))
        {
            connection.Open();
            using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE domain (name TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
                CREATE TABLE user (
                    domain TEXT NOT NULL REFERENCES domain (name), local TEXT NOT NULL, secret TEXT NOT NULL,
                    PRIMARY KEY (domain, local)) STRICT, WITHOUT ROWID;
                CREATE TABLE alias_target (
                    domain TEXT NOT NULL REFERENCES domain (name) ON DELETE CASCADE, local TEXT NOT NULL, target_key TEXT NOT NULL,
                    target TEXT NOT NULL, PRIMARY KEY (domain, local, target_key)) STRICT, WITHOUT ROWID;
                INSERT INTO domain VALUES ('example.test');
                INSERT INTO user VALUES ('example.test', 'ann', '{PLAIN}x');
                PRAGMA user_version = 1;
                """;
            command.ExecuteNonQuery();
        }

        using AccountDirectory directory = new(old);
        Assert.Equal(new DirectoryUser("ann@example.test"), Assert.Single(directory.ListUsers()));
        Assert.Equal("{PLAIN}x", directory.FindSecret("ann@example.test"));
        Assert.Equal(DirectoryOutcome.Done, directory.SetUserQuota("ann@example.test", new(1, 2)));
        Assert.Equal(new DirectoryQuota(1, 2), directory.FindUser("ann@example.test")!.Quota);
        Assert.Equal(new DirectoryOwnership(null, null), directory.FindOwnership("ann@example.test"));
    }

    [Fact]
    public void Since_when_addresses_have_their_owners_is_kept()
    {
        DateTimeOffset since = new(2019, 4, 1, 0, 0, 0, TimeSpan.Zero);
        AccountDirectory directory = Directory;
        directory.AddDomain("example.test");
        directory.AddUser("ann@example.test", "{PLAIN}x", since);
        Assert.Equal(new DirectoryOwnership(since, null), directory.FindOwnership("Ann@EXAMPLE.test"));
        Assert.Equal(DirectoryOutcome.Done, directory.SetDomainOwnedSince("example.test", since.AddDays(1)));
        Assert.Equal(DirectoryOutcome.Done, directory.SetUserOwnedSince("ann@example.test", null));
        Assert.Equal(new DirectoryOwnership(null, since.AddDays(1)), directory.FindOwnership("ann@example.test"));
        Assert.Equal(DirectoryOutcome.NotFound, directory.SetUserOwnedSince("bob@example.test", since));
        Assert.Equal(DirectoryOutcome.NotFound, directory.SetDomainOwnedSince("other.test", since));
        Assert.Null(directory.FindOwnership("bob@example.test"));
        directory.RemoveUser("ann@example.test");
        directory.AddUser("ann@example.test", "{PLAIN}x", since.AddYears(1));
        Assert.Equal(since.AddYears(1), directory.FindOwnership("ann@example.test")!.User);
    }
}
