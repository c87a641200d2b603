using FullStack.Auth.Backends;

namespace FullStack.Unit.Auth.Backends;

public sealed class AccountFieldsTests
{
    private static readonly FieldDefaults s_defaults = new() { Home = AddressTemplate.Parse("/srv/%d/%n"), UserId = 5000, GroupId = 5001 };

    [Fact]
    public void Defaults_count_where_nothing_is_said()
    {
        DirectoryUser user = Read().User;
        Assert.Equal(("bob@example.test", "/srv/example.test/bob", 5000u, 5001u), (user.Address, user.Home, user.UserId, user.GroupId));
        Assert.Equal(default, user.Quota);
    }

    [Theory]
    [InlineData("quota_rule", "*:storage=100M", 100L << 20, null)]
    [InlineData("userdb_quota_rule", "*:storage=2G:messages=1000", 2L << 30, 1000L)]
    [InlineData("quota_rule", "*:storage=1024", 1L << 20, null)] // in KiB where no unit is said
    [InlineData("quota_rule", "*:bytes=1024", 1024L, null)]
    [InlineData("quota_rule", "*:ignore", long.MaxValue, long.MaxValue)]
    [InlineData("quota_rule", "Trash:storage=+100M", null, null)]
    [InlineData("quota", "10000000S,1000C", 10_000_000L, 1000L)]
    [InlineData("quota", "5000000", 5_000_000L, null)]
    [InlineData("quota", "0", long.MaxValue, null)]
    [InlineData("quota_bytes", "123", 123L, null)]
    [InlineData("quota_messages", "7", null, 7L)]
    public void Quotas_are_read_in_their_forms(string field, string value, long? octets, long? messages)
    {
        DirectoryQuota quota = Read((field, value)).User.Quota;
        Assert.Equal((octets, messages), (quota.Octets, quota.Messages));
    }

    [Theory]
    [InlineData("home", "home/bob")]
    [InlineData("home", "/home/../etc")]
    [InlineData("uid", "-1")]
    [InlineData("uid", "bob")]
    [InlineData("quota_rule", "*:storage=lots")]
    [InlineData("quota_bytes", "99999999999999999999")]
    public void What_cannot_be_used_is_no_account_for_now(string field, string value)
        => Assert.Throws<DirectoryUnavailableException>(() => Read((field, value)));

    [Theory]
    [InlineData("{SSHA}abc", "{SSHA}abc")]
    [InlineData("$6$salt$hash", "$6$salt$hash")]
    [InlineData("abJnggxhB/yWI", "{CRYPT}abJnggxhB/yWI")]
    [InlineData("", null)]
    public void Passwords_have_a_scheme(string written, string? expected) => Assert.Equal(expected, Read(("password", written)).Password);

    [Theory]
    [InlineData("nologin", "")]
    [InlineData("userdb_nologin", "y")]
    [InlineData("allow_nets", "192.0.2.0/24")]
    [InlineData("deny", "yes")]
    public void Who_is_kept_out_elsewhere_is_kept_out_here(string field, string value)
        => Assert.Equal(AccountFields.NoLogin, Read(("password", "{PLAIN}x"), (field, value)).Password);

    [Fact]
    public void Addresses_to_send_as_are_a_list()
        => Assert.Equal(["sales@example.test", "@lists.test"], Read(("send_as", "sales@example.test, @lists.test")).User.SendAs);

    [Theory]
    [InlineData("%u", "bob@example.test")]
    [InlineData("/%d/%Ln", "/example.test/bob")]
    [InlineData("%{user} %{username} %{domain} 100%%", "bob@example.test bob example.test 100%")]
    public void Templates_have_parts_of_the_address(string template, string expected)
        => Assert.Equal(expected, AddressTemplate.Parse(template).Expand(new("bob", "example.test")));

    [Theory]
    [InlineData("%x")]
    [InlineData("%")]
    [InlineData("%{home}")]
    public void Unknown_variables_are_refused(string template) => Assert.Throws<FormatException>(() => AddressTemplate.Parse(template));

    private static AccountRecord Read(params (string, string)[] fields)
        => AccountFields.Read("test", new("bob", "example.test"), s_defaults, fields.Select(static f => KeyValuePair.Create(f.Item1, f.Item2)));
}
