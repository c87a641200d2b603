using FullStack.Auth;
using FullStack.Dns;
using FullStack.Imap;
using FullStack.Pop3;
using FullStack.Queue.Relay;
using FullStack.Server.Access;
using FullStack.Server.Tls;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Mbox;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>A configuration file that has been read and checked.</summary>
/// <param name="File">Its path.</param>
/// <param name="Configuration">What it says, complete; null where there are problems.</param>
/// <param name="Values">What it says, key by key.</param>
/// <param name="Problems">Everything that is wrong with it, in the order of lines.</param>
internal sealed record ConfigurationFile(
    string File, ServerConfiguration? Configuration, SettingValues Values, IReadOnlyList<ConfigurationProblem> Problems)
{
    /// <summary>Longest file read: a configuration has some kilobytes.</summary>
    private const long MaxOctets = 1 << 20;

    private static readonly HashSet<string> Sections =
        [.. Settings.All.Where(static s => s.Name.Contains('.', StringComparison.Ordinal)).Select(static s => s.Name[..s.Name.LastIndexOf('.')])];

    /// <summary>Reads a file. What is wrong with it is in <see cref="Problems"/>, also that it cannot be read.</summary>
    public static ConfigurationFile Load(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MaxOctets)
                return Unreadable(file, "larger than 1 MiB: that is no configuration");
            return Parse(System.IO.File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(file, e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message);
        }
    }

    /// <summary>Reads a configuration from its text. Relative paths in it start at the folder of <paramref name="file"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Where it is from.</param>
    /// <param name="withRules">Whether the files of access rules and aliases that it names are read too.</param>
    public static ConfigurationFile Parse(string text, string file, bool withRules = true)
    {
        SettingValues values = new();
        List<ConfigurationProblem> problems = [];
        YamlStream yaml = [];
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            problems.Add(new(checked((int)e.Start.Line), $"not YAML: {e.Message}"));
            return new(file, null, values, problems);
        }

        YamlNode? root = yaml.Documents.Count > 0 ? yaml.Documents[0].RootNode : null;
        if (yaml.Documents.Count > 1)
            problems.Add(new(YamlText.LineOf(yaml.Documents[1].RootNode), "a second document: only one is read"));
        if (root is YamlMappingNode mapping)
            ReadSection(mapping, "", values, problems);
        else if (root is not null && !YamlText.IsEmpty(root))
            problems.Add(new(YamlText.LineOf(root), $"expected keys and values, found {YamlText.Describe(root)}"));
        CheckTogether(values, problems);
        AccessRules access = withRules ? ReadAccess(values, file, problems) : AccessRules.None;
        ServerConfiguration? configuration = problems.Count == 0 ? Build(values, file, access, withRules, problems) : null;
        return new(file, problems.Count == 0 ? configuration : null, values, [.. problems.OrderBy(static p => p.Line == 0 ? int.MaxValue : p.Line)]);
    }

    /// <summary>The names of the settings whose change needs a restart and that differ from another file's.</summary>
    public IReadOnlyList<string> RestartNeededFor(ConfigurationFile other)
        => [.. Settings.All.Where(s => s.NeedsRestart && s.TextOf(Values) != s.TextOf(other.Values)).Select(static s => s.Name)];

    /// <summary>The same refusal of a certificate, said with the line and the key that name it.</summary>
    public CertificateException Located(CertificateException refusal)
    {
        bool isFurther = refusal.Files is not null && Configuration!.Tls.Further.Contains(refusal.Files);
        Setting setting = isFurther ? Settings.TlsFurther : Settings.TlsCertificate;
        ConfigurationProblem problem = new(Values.LineOf(setting), $"{setting.Name}: expected a certificate and its key as PEM files; {refusal.Message}");
        return new(problem.In(this.File), refusal.Files, refusal);
    }

    /// <summary>The problem of a key that does not exist.</summary>
    internal static ConfigurationProblem UnknownKey(int line, string name, IEnumerable<string> known)
    {
        string? near = NearestKey.Find(name, known);
        return new(line, near is null ? $"{name}: there is no such key" : $"{name}: there is no such key; did you mean {near}?");
    }

    private static ConfigurationFile Unreadable(string file, string reason) => new(file, null, new(), [new(0, reason)]);

    private static void ReadSection(YamlMappingNode mapping, string prefix, SettingValues values, List<ConfigurationProblem> problems)
    {
        foreach ((YamlNode keyNode, YamlNode node) in mapping.Children)
        {
            string name = prefix + ((keyNode as YamlScalarNode)?.Value ?? "");
            if (Settings.All.FirstOrDefault(s => s.Name == name) is { } setting)
                setting.Read(node, values, problems);
            else if (!Sections.Contains(name))
                problems.Add(UnknownKey(YamlText.LineOf(keyNode), name, Settings.All.Select(static s => s.Name).Concat(Sections)));
            else if (node is YamlMappingNode section)
                ReadSection(section, name + ".", values, problems);
            else if (!YamlText.IsEmpty(node))
                problems.Add(new(YamlText.LineOf(node), $"{name}: expected keys below it, found {YamlText.Describe(node)}"));
        }
    }

    private static void CheckTogether(SettingValues values, List<ConfigurationProblem> problems)
    {
        foreach (Setting setting in Settings.All)
        {
            bool isWrong = problems.Exists(p => p.Text.StartsWith(setting.Name + ":", StringComparison.Ordinal));
            if (setting.Required && !values.IsGiven(setting) && !isWrong)
                problems.Add(new(0, $"{setting.Name}: expected a value such as {setting.Example}, found nothing"));
        }

        (Setting certificate, Setting key) = (Settings.TlsCertificate, Settings.TlsKey);
        if (values.IsGiven(certificate) != values.IsGiven(key))
        {
            (Setting given, Setting missing) = values.IsGiven(certificate) ? (certificate, key) : (key, certificate);
            problems.Add(new(values.LineOf(given), $"{missing.Name}: expected a path, because {given.Name} is given; found nothing"));
        }

        if (values.Get(AuthSettings.MaxFailureDelay) < values.Get(AuthSettings.FailureDelay))
        {
            int line = Math.Max(values.LineOf(AuthSettings.MaxFailureDelay), values.LineOf(AuthSettings.FailureDelay));
            problems.Add(new(line, $"{AuthSettings.MaxFailureDelay.Name}: expected at least {AuthSettings.FailureDelay.Name}, "
                + $"{AuthSettings.FailureDelay.TextOf(values)}; found {AuthSettings.MaxFailureDelay.TextOf(values)}"));
        }

        (string others, string shared) = (values.Get(SharingSettings.OtherUsers), values.Get(SharingSettings.Shared));
        if ($"{others}.".StartsWith($"{shared}.", StringComparison.Ordinal) || $"{shared}.".StartsWith($"{others}.", StringComparison.Ordinal))
        {
            int line = Math.Max(values.LineOf(SharingSettings.Shared), values.LineOf(SharingSettings.OtherUsers));
            problems.Add(new(line, $"{SharingSettings.Shared.Name}: expected names that are not below {SharingSettings.OtherUsers.Name}, \"{others}\", nor above; found \"{shared}\""));
        }

        string inbox = values.Get(StoreSettings.MboxInbox);
        if (values.Get(StoreSettings.MailFormat) == StoreFormat.Mbox && inbox.Length > 0 && !InboxTemplate.Has(inbox, 'd') && values.Get(Settings.Domains).Count > 1)
        {
            // Else users of one name in two domains would read each other's mail.
            problems.Add(new(values.LineOf(StoreSettings.MboxInbox), $"{StoreSettings.MboxInbox.Name}: expected a path with %d in it, because there is more than one domain; found \"{inbox}\""));
        }
    }

    private static AccessRules ReadAccess(SettingValues values, string file, List<ConfigurationProblem> problems)
    {
        if (!values.IsGiven(GuardSettings.AccessFile))
            return AccessRules.None;
        string path = Path.GetFullPath(values.Get(GuardSettings.AccessFile), Path.GetDirectoryName(Path.GetFullPath(file))!);
        List<ConfigurationProblem> inFile = [];
        AccessRules rules = AccessRules.Load(path, inFile);
        problems.AddRange(inFile.Select(problem => new ConfigurationProblem(values.LineOf(GuardSettings.AccessFile), $"{GuardSettings.AccessFile.Name}: {problem.In(path)}")));
        return rules;
    }

    private static ServerConfiguration Build(SettingValues values, string file, AccessRules access, bool withFiles, List<ConfigurationProblem> problems)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string Resolve(string path) => Path.GetFullPath(path, folder);
        string hostName = values.Get(Settings.HostName);
        string data = Resolve(values.Get(Settings.Data));
        IReadOnlyList<string> domains = values.Get(Settings.Domains);
        return new ServerConfiguration
        {
            HostName = hostName,
            Data = data,
            Domains = domains,
            Tls = new TlsConfiguration
            {
                Default = values.IsGiven(Settings.TlsCertificate)
                    ? new(Resolve(values.Get(Settings.TlsCertificate)), Resolve(values.Get(Settings.TlsKey)))
                    : null,
                Further = [.. values.Get(Settings.TlsFurther).Select(f => new CertificateFiles(Resolve(f.Certificate), Resolve(f.Key)))],
                ClientAuthorities = values.IsGiven(LoginSettings.ClientAuthorities) ? Resolve(values.Get(LoginSettings.ClientAuthorities)) : "",
            },
            Listeners = values.Get(Settings.Listeners),
            Limits = new ConnectionLimits
            {
                Connections = values.Get(Settings.LimitConnections),
                ConnectionsPerNetwork = values.Get(Settings.LimitPerNetwork),
                ConnectionsPerMinute = values.Get(GuardSettings.ConnectionsPerMinute),
                ExemptNetworks = values.Get(GuardSettings.ExemptNetworks),
            },
            Access = access,
            ProxyNetworks = values.Get(GuardSettings.ProxyNetworks),
            Log = new LogConfiguration { Format = values.Get(Settings.LogForm), Level = values.Get(Settings.LogAtLeast) },
            Auth = BuildAuth(values, domains, hostName, Resolve),
            Directories = DirectorySettings.Build(values, Resolve, problems),
            Smtp = BuildSmtp(values, hostName),
            Imap = BuildImap(values),
            Web = new() { Listeners = values.Get(WebSettings.Listeners), SignProfiles = values.Get(WebSettings.SignProfiles) },
            Pop3 = BuildPop3(values),
            Store = BuildStore(values, hostName, Path.Combine(data, "mail")),
            Quota = BuildQuota(values),
            Dns = BuildDns(values),
            Outgoing = OutgoingSettings.Build(values, hostName),
            Relay = BuildRelay(values),
            Routing = QueueSettings.BuildRouting(values, domains, AliasSettings.Build(values, Resolve, withFiles, problems), Resolve, problems),
            Programs = AliasSettings.BuildPrograms(values, problems),
            Srs = AliasSettings.BuildRewriting(values, domains, Resolve, data),
            Queue = QueueSettings.BuildQueue(values),
            Trace = TraceSettings.Build(values),
            Sendmail = SendmailSettings.Build(values, Resolve),
            Checkpoints = QueueSettings.BuildCheckpoints(values),
        };
    }

    private static AuthOptions BuildAuth(SettingValues values, IReadOnlyList<string> domains, string hostName, Func<string, string> resolve) => new()
    {
        DefaultDomain = values.IsGiven(AuthSettings.DefaultDomain) ? values.Get(AuthSettings.DefaultDomain) : domains.FirstOrDefault() ?? "",
        PlaintextWithoutTls = values.Get(AuthSettings.Plaintext),
        FailureDelay = values.Get(AuthSettings.FailureDelay),
        MaxFailureDelay = values.Get(AuthSettings.MaxFailureDelay),
        UpgradeHashes = values.Get(AuthSettings.UpgradeHashes),
        Mechanisms = values.Get(AuthSettings.Mechanisms),
        MasterUsers = values.Get(AuthSettings.MasterUsers),
        Apop = values.Get(AuthSettings.Apop),
        AnonymousAccount = values.Get(LoginSettings.AnonymousAccount),
        CertificateAccounts = values.Get(LoginSettings.Certificates).ToDictionary(static entry => entry.Fingerprint, static entry => entry.Account),
        Tokens = LoginSettings.BuildTokens(values, resolve),
        HostName = hostName,
    };

    private static SmtpOptions BuildSmtp(SettingValues values, string hostName) => new()
    {
        HostName = hostName,
        MessageSizeLimit = values.Get(SmtpSettings.MessageSizeLimit),
        Guard = GuardSettings.Build(values),
        XclientNetworks = values.Get(SmtpSettings.XclientNetworks),
        HeldOctets = values.Get(SmtpSettings.HeldOctets),
        MaxRecipients = values.Get(SmtpSettings.MaxRecipients),
        CommandTimeout = values.Get(SmtpSettings.CommandTimeout),
        DataTimeout = values.Get(SmtpSettings.DataTimeout),
        MinDataRate = values.Get(SmtpSettings.MinDataRate),
        DataGrace = values.Get(SmtpSettings.DataGrace),
        HandshakeTimeout = values.Get(SmtpSettings.HandshakeTimeout),
        RelayBareLineEnds = values.Get(SmtpSettings.RelayBareLineEnds),
        SubmissionBareLineEnds = values.Get(SmtpSettings.SubmissionBareLineEnds),
        MaxReceivedFields = values.Get(SmtpSettings.MaxReceivedFields),
        MaxErrors = values.Get(SmtpSettings.MaxErrors),
        MaxRefusedRecipients = values.Get(SmtpSettings.MaxRefusedRecipients),
        Extensions = SmtpExtensionSettings.Build(values),
        Submission = SubmissionSettings.Build(values),
    };

    private static Pop3Options BuildPop3(SettingValues values) => new()
    {
        IdleTimeout = values.Get(Pop3Settings.IdleTimeout),
        HandshakeTimeout = values.Get(Pop3Settings.HandshakeTimeout),
        MaxErrors = values.Get(Pop3Settings.MaxErrors),
        MaxFailedLogins = values.Get(Pop3Settings.MaxFailedLogins),
        LoginDelay = values.Get(Pop3Settings.LoginDelay),
        XclientNetworks = values.Get(Pop3Settings.XclientNetworks),
        ExpireDays = values.Get(Pop3Settings.Expire),
        Language = values.Get(Pop3Settings.Language),
        WithoutUtf8 = values.Get(Pop3Settings.FormWithoutUtf8),
        Maildrop = new()
        {
            Mailbox = values.Get(Pop3Settings.Mailbox),
            Messages = values.Get(Pop3Settings.MessagesShown),
            Deletion = values.Get(Pop3Settings.Delete),
            MarkSeen = values.Get(Pop3Settings.MarkSeen),
            Exclusive = values.Get(Pop3Settings.Exclusive),
        },
    };

    private static ImapOptions BuildImap(SettingValues values) => new()
    {
        MaxLineOctets = values.Get(ImapSettings.MaxLine),
        MaxLiteralOctets = values.Get(ImapSettings.MaxLiteral),
        MaxAppendOctets = values.Get(ImapSettings.MaxAppend),
        IdleTimeout = values.Get(ImapSettings.IdleTimeout),
        LoginTimeout = values.Get(ImapSettings.LoginTimeout),
        LiteralTimeout = values.Get(ImapSettings.LiteralTimeout),
        MaxBadCommands = values.Get(ImapSettings.MaxBadCommands),
        MaxFailedLogins = values.Get(ImapSettings.MaxFailedLogins),
        ServerComment = values.Get(ImapSettings.ServerComment),
        ServerAdmin = values.Get(ImapSettings.ServerAdmin),
        Language = values.Get(ImapSettings.Language),
        MaxNotifyMailboxes = values.Get(ImapSettings.MaxNotifyMailboxes),
        MessageLimit = values.Get(ImapSettings.MessageLimit),
        SaveLimit = values.Get(ImapSettings.SaveLimit),
        SubmitUsers = values.Get(ImapSettings.SubmitUsers),
        LiteralMinus = values.Get(ImapSettings.LiteralMinus),
        RefuseUtf8Headers = values.Get(ImapSettings.RefuseUtf8Headers),
        Sharing = BuildSharing(values),
    };

    private static DnsOptions BuildDns(SettingValues values) => new()
    {
        Servers = values.Get(DnsSettings.Servers),
        Timeout = values.Get(DnsSettings.Timeout),
        Attempts = values.Get(DnsSettings.Attempts),
        SecureServers = values.Get(DnsSettings.BelievedServers),
        MixedCase = values.Get(DnsSettings.MixedCase),
        CacheEntries = values.Get(DnsSettings.CacheEntries),
        CacheOctets = values.Get(DnsSettings.CacheSize),
        MinTimeToLive = values.Get(DnsSettings.MinTtl),
        MaxTimeToLive = values.Get(DnsSettings.MaxTtl),
        MaxNegativeTimeToLive = values.Get(DnsSettings.MaxNegativeTtl),
    };

    private static RelayOptions BuildRelay(SettingValues values) => new()
    {
        Port = values.Get(RelaySettings.Port),
        Addresses = values.Get(RelaySettings.Addresses),
        OwnNames = values.Get(RelaySettings.OwnNames),
        OwnAddresses = values.Get(RelaySettings.OwnAddresses),
        Dane = values.Get(RelaySettings.Dane),
        MtaSts = values.Get(RelaySettings.MtaSts),
        SenderDomains = values.Get(RelaySettings.SenderDomainRule),
        RecipientDomains = values.Get(RelaySettings.RecipientDomainRule),
    };

    private static SharingOptions BuildSharing(SettingValues values) => new()
    {
        Scope = values.Get(SharingSettings.Scope),
        OtherUsers = values.Get(SharingSettings.OtherUsers),
        Shared = values.Get(SharingSettings.Shared),
        SharedUser = values.Get(SharingSettings.SharedUser),
        Administrators = values.Get(SharingSettings.Administrators),
    };

    private static QuotaConfiguration BuildQuota(SettingValues values) => new()
    {
        AccountOctets = values.Get(QuotaSettings.Account),
        AccountMessages = values.Get(QuotaSettings.AccountMessages),
        AccountMailboxes = values.Get(QuotaSettings.AccountMailboxes),
        DomainOctets = values.Get(QuotaSettings.Domain),
        DomainMessages = values.Get(QuotaSettings.DomainMessages),
        Over = values.Get(QuotaSettings.Over),
    };

    private static StoreOptions BuildStore(SettingValues values, string hostName, string root) => new()
    {
        HostName = hostName,
        Root = root,
        Format = values.Get(StoreSettings.MailFormat),
        MboxInbox = values.Get(StoreSettings.MboxInbox),
        MboxDotLock = values.Get(StoreSettings.MboxDotLock),
        MboxLockTimeout = values.Get(StoreSettings.MboxLockTimeout),
        Sync = values.Get(StoreSettings.Sync),
        Watch = values.Get(StoreSettings.Watch),
        SearchIndex = values.Get(StoreSettings.SearchIndex),
        SearchIndexMessageLimit = values.Get(StoreSettings.SearchMessageLimit),
        SearchIndexLimit = values.Get(StoreSettings.SearchSizeLimit),
        StageInMemoryOctets = values.Get(StoreSettings.StageInMemory),
        AccountIdleTime = values.Get(StoreSettings.AccountIdleTime),
        UidlFormat = values.Get(Pop3Settings.Uidl),
        MetadataValueLimit = values.Get(StoreSettings.MetadataValueLimit),
        MetadataEntryLimit = values.Get(StoreSettings.MetadataEntryLimit),
        AnnotationValueLimit = values.Get(StoreSettings.AnnotationValueLimit),
        AnnotationLimit = values.Get(StoreSettings.AnnotationLimit),
    };
}
