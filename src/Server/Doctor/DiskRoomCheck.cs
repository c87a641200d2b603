using System.Globalization;
using FullStack.Server.Cli;
using FullStack.Store.Posix;

namespace FullStack.Server.Doctor;

/// <summary>Whether the file system of the data folder has room, in octets and in files.</summary>
/// <param name="Folder">The data folder.</param>
/// <param name="Look">Says what room there is.</param>
internal sealed record DiskRoomCheck(string Folder, Func<string, FileSystemRoom> Look) : IDoctorCheck
{
    private const long FullBelow = 100L << 20;
    private const long LowBelow = 1L << 30;

    public static readonly FindingKind Full = new("disk.full", FindingLevel.Error, "Less than 100 MiB, or 1%, of the data folder's file system is free: mail will be refused for now.", "Make room, or move the data folder to a larger disk.");
    public static readonly FindingKind Low = new("disk.low", FindingLevel.Warning, "Less than 1 GiB, or 5%, is free.", "Make room before mail has to be refused.");
    public static readonly FindingKind NoFiles = new("disk.no_inodes", FindingLevel.Error, "Less than 1% of the files that the file system can have are left: each message is one.", "Remove files, or make a file system with more inodes.");
    public static readonly FindingKind FewFiles = new("disk.few_inodes", FindingLevel.Warning, "Less than 5% of the files that the file system can have are left.", "Remove files, or make a file system with more inodes.");

    public string Name => "disk";

    public IReadOnlyList<FindingKind> Kinds => [Full, Low, NoFiles, FewFiles];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        FileSystemRoom room = Look(Folder);
        FindingKind ok = FindingKind.Ok(Name);
        FindingKind octets = room.FreeOctets < FullBelow || room.FreeOctets < room.Octets / 100 ? Full : room.FreeOctets < LowBelow || room.FreeOctets < room.Octets / 20 ? Low : ok;
        List<Finding> findings = [new(octets, $"{Folder}: {QuotaText.Rounded(room.FreeOctets)} of {QuotaText.Rounded(room.Octets)} free")];
        if (room.Files > 0)
        {
            FindingKind files = room.FreeFiles < room.Files / 100 ? NoFiles : room.FreeFiles < room.Files / 20 ? FewFiles : ok;
            findings.Add(new(files, string.Create(CultureInfo.InvariantCulture, $"{Folder}: {room.FreeFiles} of {room.Files} inodes free")));
        }

        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }
}
