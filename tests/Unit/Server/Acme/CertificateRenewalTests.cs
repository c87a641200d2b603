using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Acme;
using FullStack.Server.Tls;

namespace FullStack.Unit.Server.Acme;

/// <summary>Certificates that the server gets for itself: what it says to an authority, what it keeps, and what it does when it is refused.</summary>
public sealed class CertificateRenewalTests : IAsyncDisposable
{
    private static readonly OrderedCertificate s_ordered = new(["mail.example.test", "imap.example.test"]);

    private readonly ScratchFolder _folder = new();
    private readonly LeapingClock _time = new();
    private readonly CapturedLog _log = new();
    private readonly ScriptedAuthority _authority;
    private readonly PendingChallenges _pending;
    private CertificateCatalog? _catalog;
    private CertificateRenewal? _renewal;

    public CertificateRenewalTests()
    {
        _authority = new(_time);
        _pending = new(_time);
        LookAt(_authority);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private AcmeFolder Folder => AcmeFolder.In(Configuration());

    public async ValueTask DisposeAsync()
    {
        if (_renewal is not null)
            await _renewal.DisposeAsync();
        _catalog?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_is_got_and_served_in_place_of_the_servers_own()
    {
        Open(Configuration());
        Assert.Equal("CN=mail.example.test", _catalog!.Select(null).TargetCertificate.Subject);
        await AttemptAsync();
        Assert.Equal(s_ordered.Names, CertificateSet.NamesOf(_catalog.Select("imap.example.test").TargetCertificate));
        Assert.Equal(s_ordered.Names, CertificateSet.NamesOf(_catalog.Select(null).TargetCertificate));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Folder.FilesOf(s_ordered).Certificate));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Folder.AccountOf(ScriptedAuthority.Directory)));
        Assert.Equal("""["mailto:postmaster@example.test"]""", _authority.Registration!["contact"]!.ToJsonString());
        Assert.Null(_pending.TextAt(PendingChallenges.PathPrefix + "token-mail_example_test")); // shown while it was asked for only
        Assert.Equal(_time.GetUtcNow().AddDays(60), CertificateRenewal.NextOf(s_ordered, Folder), TimeSpan.FromMinutes(1));
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task The_account_is_made_once_and_the_key_is_another_each_time()
    {
        Open(Configuration());
        await AttemptAsync();
        byte[] first = KeyInFile();
        await AttemptAsync();
        Assert.NotEqual(first, KeyInFile());
        Assert.Single(_authority.Requests, static request => request == "new-account");
    }

    [Fact]
    public async Task A_key_can_be_kept_for_those_who_publish_it()
    {
        Open(Configuration(keepKey: true));
        await AttemptAsync();
        byte[] first = KeyInFile();
        await AttemptAsync();
        Assert.Equal(first, KeyInFile());
    }

    [Fact]
    public async Task A_nonce_that_is_not_taken_is_replaced()
    {
        Open(Configuration());
        _authority.Errors.Enqueue(("new-order", "badNonce", null));
        _authority.Errors.Enqueue(("new-order", "badNonce", null));
        await AttemptAsync();
        Assert.Equal(3, _authority.Requests.Count(static request => request == "new-order"));
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_nonce_is_not_tried_for_ever()
    {
        Open(Configuration());
        for (int i = 0; i < 10; i++)
            _authority.Errors.Enqueue(("new-order", "badNonce", null));
        await AttemptAsync();
        Assert.Equal("badNonce: words about it", State().Problem);
    }

    [Fact]
    public async Task An_authority_that_is_asked_too_often_is_left_alone_as_long_as_it_wants()
    {
        Open(Configuration());
        _authority.Errors.Enqueue(("new-order", "rateLimited", 100_000));
        await AttemptAsync();
        Assert.Equal((1, "rateLimited: words about it"), (State().Failures, State().Problem));
        Assert.Equal(TimeSpan.FromSeconds(100_000), State().Next - _time.GetUtcNow());
        Assert.Equal(State().Next, CertificateRenewal.NextOf(s_ordered, Folder));
        Assert.Single(_log.Alarms);
        Assert.Equal("CN=mail.example.test", _catalog!.Select(null).TargetCertificate.Subject);

        await AttemptAsync(); // as an administrator may want, who has put something right
        Assert.Equal(RenewalState.None, State());
    }

    [Fact]
    public async Task An_order_that_is_not_ready_yet_is_asked_for_again()
    {
        Open(Configuration());
        _authority.Errors.Enqueue(("finalize", "orderNotReady", 7));
        await AttemptAsync();
        Assert.Equal(2, _authority.Requests.Count(static request => request == "finalize"));
        Assert.Contains(TimeSpan.FromSeconds(7), _time.Waits);
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_challenge_that_failed_is_told_with_its_name_and_the_old_certificate_stays()
    {
        Open(Configuration());
        await AttemptAsync();
        byte[] before = await File.ReadAllBytesAsync(Folder.FilesOf(s_ordered).Certificate, Ct);
        _authority.Look = static _ => "something else";
        await AttemptAsync();
        Assert.Equal("mail.example.test: incorrectResponse: not what was wanted", State().Problem);
        Assert.Equal(before, await File.ReadAllBytesAsync(Folder.FilesOf(s_ordered).Certificate, Ct));
        TimeSpan pause = State().Next - _time.GetUtcNow();
        Assert.InRange(pause, RenewalSchedule.FirstPause * 0.8, RenewalSchedule.FirstPause * 1.2);
    }

    [Fact]
    public async Task A_certificate_for_another_key_is_not_taken()
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Open(Configuration());
        _authority.WrongKey = new PublicKey(other);
        await AttemptAsync();
        Assert.Equal("the authority sent a certificate for another key", State().Problem);
        Assert.False(File.Exists(Folder.FilesOf(s_ordered).Certificate));
    }

    [Fact]
    public async Task Terms_have_to_be_agreed_to()
    {
        Open(Configuration(agree: false));
        await AttemptAsync();
        Assert.Equal("the authority's terms have to be agreed to, by acme.agree_to_terms: https://acme.test/terms", State().Problem);
        Assert.Equal(0, _authority.Accounts);
    }

    [Fact]
    public async Task An_account_that_the_authority_has_lost_is_made_again()
    {
        Open(Configuration());
        await AttemptAsync();
        _authority.Forget();
        await AttemptAsync();
        Assert.Equal(1, _authority.Accounts);
        Assert.Equal(RenewalState.None, State());
    }

    [Fact]
    public async Task A_customer_proves_who_they_are_with_the_key_that_they_were_given()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        using ScriptedAuthority customersOnly = new(_time) { ExternalKey = key };
        LookAt(customersOnly);
        string file = _folder.File("external.key");
        await File.WriteAllTextAsync(file, System.Buffers.Text.Base64Url.EncodeToString(key) + "\n", Ct);
        Open(Configuration(), customersOnly);
        await AttemptAsync();
        Assert.Equal("externalAccountRequired: words about it", State().Problem);
        _renewal!.Reload(Configuration(externalKey: file).Acme);
        await AttemptAsync();
        Assert.Equal(RenewalState.None, State());
    }

    [Fact]
    public async Task What_is_due_is_asked_for_and_nothing_else()
    {
        Open(Configuration());
        await AttemptAsync();
        OrderedCertificate further = new(["pop.example.test"]);
        ServerConfiguration both = new()
        {
            HostName = "mail.example.test",
            Data = _folder.FullPath,
            Acme = new() { Certificates = [s_ordered, further], Directory = ScriptedAuthority.Directory, AgreeToTerms = true },
        };
        _catalog!.Take(_catalog.Read(both));
        _renewal!.Reload(both.Acme);
        _renewal.Start();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (_catalog.Select("pop.example.test") == _catalog.Select(null))
            await Task.Delay(20, patience.Token);
        Assert.Equal(2, _authority.Requests.Count(static request => request == "new-order"));
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task At_two_thirds_of_its_life_a_certificate_is_renewed_and_not_before()
    {
        Open(Configuration());
        await AttemptAsync();
        (byte[] first, int waits) = (KeyInFile(), _time.Waits.Count);
        DateTimeOffset due = CertificateRenewal.NextOf(s_ordered, Folder);
        TimeSpan left = TimeSpan.FromMinutes(4);
        _time.MoveTo(due - left);
        _renewal!.Start();
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (CertificateRenewal.NextOf(s_ordered, Folder) <= due)
            await Task.Delay(20, patience.Token);
        Assert.Equal(left, _time.Waits[waits]); // it waited until then, and only then asked
        Assert.NotEqual(first, KeyInFile());
        Assert.Equal(2, _authority.Requests.Count(static request => request == "new-order"));
        _log.CheckNoAlarm();
    }

    [Fact]
    public async Task Other_names_want_another_certificate()
    {
        Open(Configuration());
        await AttemptAsync();
        OrderedCertificate more = new([.. s_ordered.Names, "pop.example.test"]);
        Assert.Equal(DateTimeOffset.MinValue, CertificateRenewal.NextOf(more, Folder));
    }

    private ServerConfiguration Configuration(bool agree = true, bool keepKey = false, string externalKey = "") => new()
    {
        HostName = "mail.example.test",
        Data = _folder.FullPath,
        Acme = new()
        {
            Certificates = [s_ordered],
            Directory = ScriptedAuthority.Directory,
            Contact = ["postmaster@example.test"],
            AgreeToTerms = agree,
            KeepKey = keepKey,
            ExternalKeyId = externalKey.Length > 0 ? "customer" : "",
            ExternalKeyFile = externalKey,
        },
    };

    private void Open(ServerConfiguration configuration, ScriptedAuthority? authority = null)
    {
        _catalog = CertificateCatalog.Open(configuration, _time, _log.CreateLogger(""));
        _renewal = new(configuration, _catalog, _pending, _time, _log.CreateLogger("")) { Connector = _ => new Borrowed(authority ?? _authority) };
    }

    private void LookAt(ScriptedAuthority authority) => authority.Look = token => _pending.TextAt(PendingChallenges.PathPrefix + token);

    /// <summary>Has everything asked for once, whether or not it is due.</summary>
    private Task AttemptAsync() => _renewal!.AttemptAllAsync(Ct);

    private RenewalState State() => RenewalState.Load(Folder.StateOf(s_ordered));

    private byte[] KeyInFile()
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Folder.FilesOf(s_ordered).Certificate));
        return certificate.PublicKey.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Keeps the authority when a connection to it is closed.</summary>
    private sealed class Borrowed(HttpMessageHandler authority) : DelegatingHandler(authority)
    {
        protected override void Dispose(bool disposing)
        {
        }
    }
}
