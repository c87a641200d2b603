using FsCheck;
using FsCheck.Fluent;
using FullStack.Store;
using FullStack.Store.Places;
using FullStack.Store.Posix;

namespace FullStack.Unit.Store.Places;

/// <summary>Which paths a directory may name, and which a configuration may.</summary>
public sealed class HomeRootsTests : IDisposable
{
    private readonly HomeStore _homes = new();

    public void Dispose() => _homes.Dispose();

    [Fact]
    public void Whatever_a_directory_says_mail_lies_below_a_home_that_is_allowed()
    {
        File.CreateSymbolicLink(Path.Combine(_homes.Homes, "out"), "/");
        StoreOptions options = _homes.Change(new() { Root = _homes.Root });
        PosixFiles files = new(SyncMode.None);
        Gen<string> piece = Gen.Elements("alice", "out", "..", ".", "/", "//", "etc", "\n", "\0", "Maildir", "~", "%", " ", "ä", "");
        Gen<string> path = Gen.ArrayOf(piece).Select(static parts => string.Concat(parts.Take(8)));
        Prop.ForAll(
            Gen.Zip(path, path).ToArbitrary(),
            pair =>
            {
                string? found = HomeRoots.Locate(files, options, new(true, $"{_homes.Homes}/{pair.Item1}", pair.Item2), out string? problem);
                return found is null ? problem is not null
                    : problem is null && found.StartsWith(_homes.HomeOf("alice") + "/", StringComparison.Ordinal) && Path.GetFullPath(found) == found;
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("/home", true)]
    [InlineData("/srv/vmail", true)]
    [InlineData("/", false)]
    [InlineData("/etc", false)]
    [InlineData("/etc/homes", false)]
    [InlineData("/usr/home", false)]
    [InlineData("home", false)]
    [InlineData("/home/../etc", false)]
    [InlineData("/home//x", false)]
    [InlineData("", false)]
    public void A_configuration_may_name_directories_of_homes(string directory, bool isGood) => Assert.Equal(isGood, HomeRoots.ProblemOf(directory) is null);
}
