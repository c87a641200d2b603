namespace FullStack.Server.Doctor;

/// <summary>Whether others can read mail and keys, or change the configuration.</summary>
/// <param name="Data">The data folder.</param>
/// <param name="Configuration">The configuration file.</param>
/// <param name="Keys">Files that hold keys.</param>
internal sealed record PermissionsCheck(string Data, string Configuration, IReadOnlyList<string> Keys) : IDoctorCheck
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode Writing = UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;

    public static readonly FindingKind DataOpen = new("permissions.data", FindingLevel.Error, "Other users may look into the data folder.", "chmod o= on the folder that is named.");
    public static readonly FindingKind KeyOpen = new("permissions.key", FindingLevel.Error, "Other users may read a key.", "chmod o= on the file that is named, and get another certificate: the key may be known.");
    public static readonly FindingKind ConfigurationOpen = new("permissions.configuration", FindingLevel.Error, "Others than its owner may write the configuration, and so say what the server does.", "chmod go-w on the file or folder that is named.");

    public string Name => "permissions";

    public IReadOnlyList<FindingKind> Kinds => [DataOpen, KeyOpen, ConfigurationOpen];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        Look(Data, Others, DataOpen);
        foreach (string key in Keys)
            Look(key, Others, KeyOpen);
        Look(Configuration, Writing, ConfigurationOpen);
        Look(Path.GetDirectoryName(Path.GetFullPath(Configuration))!, Writing, ConfigurationOpen);
        return Task.FromResult<IReadOnlyList<Finding>>(findings);

        void Look(string path, UnixFileMode unwanted, FindingKind kind)
        {
            if (!Path.Exists(path))
                return; // its own check says so, if it matters
            UnixFileMode mode = File.GetUnixFileMode(path);
            bool isSticky = mode.HasFlag(UnixFileMode.StickyBit) && kind == ConfigurationOpen; // others' files there cannot be replaced
            findings.Add(new((mode & unwanted) == 0 || isSticky ? FindingKind.Ok(Name) : kind, $"{path} has mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}"));
        }
    }
}
