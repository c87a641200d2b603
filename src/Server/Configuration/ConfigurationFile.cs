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
    /// <param name="withRules">Whether the file of access rules that it names is read too.</param>
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
        ServerConfiguration? configuration = problems.Count == 0 ? Build(values, file, access, problems) : null;
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

        if (values.Get(Settings.AuthMaxFailureDelay) < values.Get(Settings.AuthFailureDelay))
        {
            int line = Math.Max(values.LineOf(Settings.AuthMaxFailureDelay), values.LineOf(Settings.AuthFailureDelay));
            problems.Add(new(line, $"{Settings.AuthMaxFailureDelay.Name}: expected at least {Settings.AuthFailureDelay.Name}, "
                + $"{Settings.AuthFailureDelay.TextOf(values)}; found {Settings.AuthMaxFailureDelay.TextOf(values)}"));
        }

        (string others, string shared) = (values.Get(Settings.ShareOtherUsers), values.Get(Settings.ShareShared));
        if ($"{others}.".StartsWith($"{shared}.", StringComparison.Ordinal) || $"{shared}.".StartsWith($"{others}.", StringComparison.Ordinal))
        {
            int line = Math.Max(values.LineOf(Settings.ShareShared), values.LineOf(Settings.ShareOtherUsers));
            problems.Add(new(line, $"{Settings.ShareShared.Name}: expected names that are not below {Settings.ShareOtherUsers.Name}, \"{others}\", nor above; found \"{shared}\""));
        }

        string inbox = values.Get(Settings.StoreMboxInbox);
        if (values.Get(Settings.StoreMailFormat) == StoreFormat.Mbox && inbox.Length > 0 && !InboxTemplate.Has(inbox, 'd') && values.Get(Settings.Domains).Count > 1)
        {
            // Else users of one name in two domains would read each other's mail.
            problems.Add(new(values.LineOf(Settings.StoreMboxInbox), $"{Settings.StoreMboxInbox.Name}: expected a path with %d in it, because there is more than one domain; found \"{inbox}\""));
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

    private static ServerConfiguration Build(SettingValues values, string file, AccessRules access, List<ConfigurationProblem> problems)
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
            Auth = BuildAuth(values, domains, hostName),
            Smtp = BuildSmtp(values, hostName),
            Imap = BuildImap(values),
            Web = new() { Listeners = values.Get(WebSettings.Listeners), SignProfiles = values.Get(WebSettings.SignProfiles) },
            Pop3 = BuildPop3(values),
            Store = BuildStore(values, hostName, Path.Combine(data, "mail")),
            Quota = BuildQuota(values),
            Dns = BuildDns(values),
            Outgoing = OutgoingSettings.Build(values, hostName),
            Relay = BuildRelay(values),
            Routing = QueueSettings.BuildRouting(values, domains, Resolve, problems),
            Queue = QueueSettings.BuildQueue(values),
        };
    }

    private static AuthOptions BuildAuth(SettingValues values, IReadOnlyList<string> domains, string hostName) => new()
    {
        DefaultDomain = values.IsGiven(Settings.AuthDefaultDomain) ? values.Get(Settings.AuthDefaultDomain) : domains.FirstOrDefault() ?? "",
        PlaintextWithoutTls = values.Get(Settings.AuthPlaintext),
        FailureDelay = values.Get(Settings.AuthFailureDelay),
        MaxFailureDelay = values.Get(Settings.AuthMaxFailureDelay),
        UpgradeHashes = values.Get(Settings.AuthUpgradeHashes),
        Mechanisms = values.Get(Settings.AuthMechanisms),
        MasterUsers = values.Get(Settings.AuthMasterUsers),
        Apop = values.Get(Settings.AuthApop),
        HostName = hostName,
    };

    private static SmtpOptions BuildSmtp(SettingValues values, string hostName) => new()
    {
        HostName = hostName,
        MessageSizeLimit = values.Get(Settings.SmtpMessageSizeLimit),
        Guard = GuardSettings.Build(values),
        XclientNetworks = values.Get(Settings.SmtpXclientNetworks),
        HeldOctets = values.Get(Settings.SmtpHeldOctets),
        MaxRecipients = values.Get(Settings.SmtpMaxRecipients),
        CommandTimeout = values.Get(Settings.SmtpCommandTimeout),
        DataTimeout = values.Get(Settings.SmtpDataTimeout),
        MinDataRate = values.Get(Settings.SmtpMinDataRate),
        DataGrace = values.Get(Settings.SmtpDataGrace),
        HandshakeTimeout = values.Get(Settings.SmtpHandshakeTimeout),
        RelayBareLineEnds = values.Get(Settings.SmtpRelayBareLineEnds),
        SubmissionBareLineEnds = values.Get(Settings.SmtpSubmissionBareLineEnds),
        MaxReceivedFields = values.Get(Settings.SmtpMaxReceivedFields),
        MaxErrors = values.Get(Settings.SmtpMaxErrors),
        MaxRefusedRecipients = values.Get(Settings.SmtpMaxRefusedRecipients),
        Extensions = SmtpExtensionSettings.Build(values),
        Submission = SubmissionSettings.Build(values),
    };

    private static Pop3Options BuildPop3(SettingValues values) => new()
    {
        IdleTimeout = values.Get(Settings.Pop3IdleTimeout),
        HandshakeTimeout = values.Get(Settings.Pop3HandshakeTimeout),
        MaxErrors = values.Get(Settings.Pop3MaxErrors),
        MaxFailedLogins = values.Get(Settings.Pop3MaxFailedLogins),
        LoginDelay = values.Get(Settings.Pop3LoginDelay),
        ExpireDays = values.Get(Settings.Pop3Expire),
        Language = values.Get(Settings.Pop3Language),
        WithoutUtf8 = values.Get(Settings.Pop3WithoutUtf8),
        Maildrop = new()
        {
            Mailbox = values.Get(Settings.Pop3Mailbox),
            Messages = values.Get(Settings.Pop3MessagesShown),
            Deletion = values.Get(Settings.Pop3Delete),
            MarkSeen = values.Get(Settings.Pop3MarkSeen),
            Exclusive = values.Get(Settings.Pop3Exclusive),
        },
    };

    private static ImapOptions BuildImap(SettingValues values) => new()
    {
        MaxLineOctets = values.Get(Settings.ImapMaxLine),
        MaxLiteralOctets = values.Get(Settings.ImapMaxLiteral),
        MaxAppendOctets = values.Get(Settings.ImapMaxAppend),
        IdleTimeout = values.Get(Settings.ImapIdleTimeout),
        LoginTimeout = values.Get(Settings.ImapLoginTimeout),
        LiteralTimeout = values.Get(Settings.ImapLiteralTimeout),
        MaxBadCommands = values.Get(Settings.ImapMaxBadCommands),
        MaxFailedLogins = values.Get(Settings.ImapMaxFailedLogins),
        ServerComment = values.Get(Settings.ImapServerComment),
        ServerAdmin = values.Get(Settings.ImapServerAdmin),
        Language = values.Get(Settings.ImapPreferredLanguage),
        MaxNotifyMailboxes = values.Get(Settings.ImapMaxNotifyMailboxes),
        MessageLimit = values.Get(Settings.ImapMessageLimit),
        SaveLimit = values.Get(Settings.ImapSaveLimit),
        SubmitUsers = values.Get(Settings.ImapSubmitUsers),
        LiteralMinus = values.Get(Settings.ImapLiteralMinus),
        RefuseUtf8Headers = values.Get(Settings.ImapRefuseUtf8Headers),
        Sharing = BuildSharing(values),
    };

    private static DnsOptions BuildDns(SettingValues values) => new()
    {
        Servers = values.Get(Settings.DnsServers),
        Timeout = values.Get(Settings.DnsTimeout),
        Attempts = values.Get(Settings.DnsAttempts),
        SecureServers = values.Get(Settings.DnsSecureServers),
        MixedCase = values.Get(Settings.DnsMixedCase),
        CacheEntries = values.Get(Settings.DnsCacheEntries),
        CacheOctets = values.Get(Settings.DnsCacheSize),
        MinTimeToLive = values.Get(Settings.DnsMinTtl),
        MaxTimeToLive = values.Get(Settings.DnsMaxTtl),
        MaxNegativeTimeToLive = values.Get(Settings.DnsMaxNegativeTtl),
    };

    private static RelayOptions BuildRelay(SettingValues values) => new()
    {
        Port = values.Get(Settings.RelayPort),
        Addresses = values.Get(Settings.RelayAddresses),
        OwnNames = values.Get(Settings.RelayOwnNames),
        OwnAddresses = values.Get(Settings.RelayOwnAddresses),
        Dane = values.Get(Settings.RelayDane),
        MtaSts = values.Get(Settings.RelayMtaSts),
        SenderDomains = values.Get(Settings.RelaySenderDomains),
    };

    private static SharingOptions BuildSharing(SettingValues values) => new()
    {
        Scope = values.Get(Settings.ShareScope),
        OtherUsers = values.Get(Settings.ShareOtherUsers),
        Shared = values.Get(Settings.ShareShared),
        SharedUser = values.Get(Settings.ShareSharedUser),
        Administrators = values.Get(Settings.ShareAdministrators),
    };

    private static QuotaConfiguration BuildQuota(SettingValues values) => new()
    {
        AccountOctets = values.Get(Settings.QuotaAccount),
        AccountMessages = values.Get(Settings.QuotaAccountMessages),
        AccountMailboxes = values.Get(Settings.QuotaAccountMailboxes),
        DomainOctets = values.Get(Settings.QuotaDomain),
        DomainMessages = values.Get(Settings.QuotaDomainMessages),
        Over = values.Get(Settings.QuotaOver),
    };

    private static StoreOptions BuildStore(SettingValues values, string hostName, string root) => new()
    {
        HostName = hostName,
        Root = root,
        Format = values.Get(Settings.StoreMailFormat),
        MboxInbox = values.Get(Settings.StoreMboxInbox),
        MboxDotLock = values.Get(Settings.StoreMboxDotLock),
        MboxLockTimeout = values.Get(Settings.StoreMboxLockTimeout),
        Sync = values.Get(Settings.StoreSync),
        Watch = values.Get(Settings.StoreWatch),
        SearchIndex = values.Get(Settings.SearchIndex),
        SearchIndexMessageLimit = values.Get(Settings.SearchMessageLimit),
        SearchIndexLimit = values.Get(Settings.SearchSizeLimit),
        StageInMemoryOctets = values.Get(Settings.StoreStageInMemory),
        AccountIdleTime = values.Get(Settings.StoreAccountIdleTime),
        DovecotUidlFormat = values.Get(Settings.StoreDovecotUidlFormat),
        MetadataValueLimit = values.Get(Settings.StoreMetadataValueLimit),
        MetadataEntryLimit = values.Get(Settings.StoreMetadataEntryLimit),
        AnnotationValueLimit = values.Get(Settings.StoreAnnotationValueLimit),
        AnnotationLimit = values.Get(Settings.StoreAnnotationLimit),
    };
}
