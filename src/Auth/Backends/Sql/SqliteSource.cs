using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace FullStack.Auth.Backends.Sql;

/// <summary>Connections to an SQLite file that another program keeps; this one only reads.</summary>
internal sealed class SqliteSource(string file) : DbDataSource
{
    public override string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadOnly,
        DefaultTimeout = 5,
    }.ToString();

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);
}
