using System.Net;
using FullStack.Auth.Backends;
using FullStack.Auth.Sasl;

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
    [InlineData("mail", "maildir:~/Maildir")]
    [InlineData("userdb_mail", "/srv/vmail/bob")]
    [InlineData("mail_location", "Maildir")]
    public void The_place_of_mail_is_what_its_field_says_else_the_template(string field, string value)
    {
        Assert.Equal(value, Read((field, value)).User.Mail);
        DirectoryAddress.TryParse("bob@example.test", out DirectoryAddress address);
        FieldDefaults defaults = s_defaults with { Mail = AddressTemplate.Parse("maildir:/srv/vmail/%d/%n") };
        Assert.Equal("maildir:/srv/vmail/example.test/bob", AccountFields.Read("x", address, defaults, []).User.Mail);
        Assert.Equal(value, AccountFields.Read("x", address, defaults, [new(field, value)]).User.Mail);
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
    [InlineData("allow_nets", "192.0.2.0/33")]
    [InlineData("allow_nets", "192.0.2.0/")]
    [InlineData("allow_nets", "home")]
    public void What_cannot_be_used_is_no_account_for_now(string field, string value)
        => Assert.Throws<DirectoryUnavailableException>(() => Read((field, value)));

    [Theory]
    [InlineData("{SSHA}abc", "{SSHA}abc")]
    [InlineData("$6$salt$hash", "$6$salt$hash")]
    [InlineData("abJnggxhB/yWI", "{CRYPT}abJnggxhB/yWI")]
    [InlineData("", null)]
    public void Passwords_have_a_scheme(string written, string? expected) => Assert.Equal(expected, Read(("password", written)).Password);

    [Theory]
    [InlineData("nologin", "", LoginService.None)]
    [InlineData("userdb_nologin", "y", LoginService.None)]
    [InlineData("deny", "yes", LoginService.None)]
    [InlineData("disableimap", "1", LoginService.Smtp | LoginService.Pop3)]
    [InlineData("disablepop3", "1", LoginService.Smtp | LoginService.Imap)]
    [InlineData("disablemsa", "1", LoginService.Imap | LoginService.Pop3)]
    [InlineData("disableimap", "0", LoginService.All)]
    [InlineData("options", "disableimap=1, disablepop3=0,disablewebmail=1,sharedgroup=x", LoginService.Smtp | LoginService.Pop3)]
    public void Who_is_kept_out_elsewhere_is_kept_out_here(string field, string value, LoginService expected)
        => Assert.Equal(expected, Read((field, value)).User.Login.Services);

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.200", true)]
    [InlineData("192.0.2.77/24", "192.0.2.200", true)] // with bits behind the prefix, as administrators write it
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.200", true)]
    [InlineData("192.0.2.0/24", "192.0.3.1", false)]
    [InlineData("10.0.0.1, 2001:db8::/32", "2001:db8:1::1", true)]
    [InlineData("10.0.0.1,2001:db8::/32", "10.0.0.2", false)]
    [InlineData("local", "127.0.0.1", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    public void Networks_to_log_in_from_are_read(string value, string address, bool expected)
        => Assert.Equal(expected, Read(("allow_nets", value)).User.Login.AllowsNetworkOf(IPAddress.Parse(address)));

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
