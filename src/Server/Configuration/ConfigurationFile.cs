using FullStack.Server.Access;
using FullStack.Server.Tls;
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
    /// <summary>Settings that are others than those in force and keep their values until a restart.</summary>
    public IReadOnlyList<string> NeedRestart { get; private init; } = [];

    /// <summary>Longest file read: a configuration has some kilobytes.</summary>
    private const long MaxOctets = 1 << 20;

    private static readonly HashSet<string> Sections =
        [.. Settings.All.Where(static s => s.Name.Contains('.', StringComparison.Ordinal)).Select(static s => s.Name[..s.Name.LastIndexOf('.')])];

    /// <summary>Reads a file. What is wrong with it is in <see cref="Problems"/>, also that it cannot be read.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="inForce">What a running server began with: settings that need a restart stay as they are there.</param>
    public static ConfigurationFile Load(string file, SettingValues? inForce = null)
    {
        try
        {
            if (new FileInfo(file).Length > MaxOctets)
                return Unreadable(file, "larger than 1 MiB: that is no configuration");
            return Parse(System.IO.File.ReadAllText(file), file, inForce: inForce);
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
    /// <param name="inForce">What a running server began with: settings that need a restart stay as they are there.</param>
    public static ConfigurationFile Parse(string text, string file, bool withRules = true, SettingValues? inForce = null)
    {
        SettingValues values = new();
        List<ConfigurationProblem> problems = [];
        YamlStream yaml = [];
        try
        {
            if (YamlText.FindUnsafe(text) is { } problem)
            {
                problems.Add(problem);
                return new(file, null, values, problems);
            }

            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            problems.Add(new(checked((int)e.Start.Line), $"not YAML: {e.Message}"));
            return new(file, null, values, problems);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A scalar that breaks off within a mapping, a document that begins within one.
            problems.Add(new(0, "not YAML, in a way that its reader has no words for: look for brackets and quotes that do not close"));
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
        IReadOnlyList<string> needRestart = inForce is null ? [] : KeepUntilRestart(values, inForce);
        if (needRestart.Count > 0 && problems.Count == 0)
            CheckTogether(values, problems); // what is new has to fit what stays
        AccessRules access = withRules ? ReadAccess(values, file, problems) : AccessRules.None;
        ServerConfiguration? configuration = problems.Count == 0 ? Build(values, file, access, withRules, problems) : null;
        return new(file, problems.Count == 0 ? configuration : null, values, [.. problems.OrderBy(static p => p.Line == 0 ? int.MaxValue : p.Line)])
        {
            NeedRestart = needRestart,
        };
    }

    // So nothing is half new: a server whose host name changes greets by the old one until it starts again.
    private static IReadOnlyList<string> KeepUntilRestart(SettingValues values, SettingValues inForce)
    {
        List<string> changed = [];
        foreach (Setting setting in Settings.All.Where(static setting => setting.NeedsRestart))
        {
            if (setting.TextOf(values) != setting.TextOf(inForce))
                changed.Add(setting.Name);
            values.TakeFrom(inForce, setting);
        }

        return changed;
    }

    /// <summary>The same refusal of a certificate, said with the line and the key that name it.</summary>
    public CertificateException Located(CertificateException refusal)
    {
        bool isFurther = refusal.Files is not null && Configuration!.Tls.Further.Contains(refusal.Files);
        Setting setting = isFurther ? Settings.TlsFurther : Settings.TlsCertificate;
        ConfigurationProblem problem = new(Values.LineOf(setting), $"{setting.Name}: expected a certificate and its key as PEM files; {refusal.Message}");
        return new(problem.In(this.File), refusal.Files, refusal);
    }

    /// <summary>A sentence about what a setting says, with the line where it says it.</summary>
    public string Located(Setting setting, string trouble) => new ConfigurationProblem(Values.LineOf(setting), $"{setting.Name}: {trouble}").In(this.File);

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

        AcmeSettings.Check(values, problems);
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

        if (values.Get(StoreSettings.Place) == StorePlace.Home && values.Get(StoreSettings.MailFormat) != StoreFormat.Maildir)
            problems.Add(new(values.LineOf(StoreSettings.Place), $"{StoreSettings.Place.Name}: expected root, because {StoreSettings.MailFormat.Name} is not maildir; found home"));
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
            Acme = AcmeSettings.Build(values, Resolve),
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
            Log = new LogConfiguration { Target = values.Get(Settings.LogTo), Format = values.Get(Settings.LogForm), Level = values.Get(Settings.LogAtLeast) },
            Auth = AuthSettings.Build(values, domains, hostName, Resolve),
            Directories = DirectorySettings.Build(values, Resolve, problems),
            Smtp = SmtpSettings.Build(values, hostName),
            Imap = ImapSettings.Build(values),
            Web = new() { Listeners = values.Get(WebSettings.Listeners), SignProfiles = values.Get(WebSettings.SignProfiles) },
            Metrics = MetricsSettings.Read(values),
            Pop3 = Pop3Settings.Build(values),
            Store = StoreSettings.Build(values, hostName, Path.Combine(data, "mail")),
            Quota = QuotaSettings.Build(values),
            Dns = DnsSettings.Build(values),
            Outgoing = OutgoingSettings.Build(values, hostName),
            Relay = RelaySettings.Build(values),
            Routing = QueueSettings.BuildRouting(values, domains, AliasSettings.Build(values, Resolve, withFiles, problems),
                MasqueradeSettings.Build(values, Resolve, withFiles, problems), Resolve, problems),
            Programs = AliasSettings.BuildPrograms(values, problems),
            Srs = AliasSettings.BuildRewriting(values, domains, Resolve, data),
            Queue = QueueSettings.BuildQueue(values),
            Trace = TraceSettings.Build(values),
            Sendmail = SendmailSettings.Build(values, Resolve),
            Checkpoints = QueueSettings.BuildCheckpoints(values),
        };
    }

}
