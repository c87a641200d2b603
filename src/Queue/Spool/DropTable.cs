using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>The statements about dropped files whose messages were taken on. No name is there twice.</summary>
internal static class DropTable
{
    public static void Add(IndexConnection queue, string name) => queue.Execute("INSERT INTO drops (name) VALUES ($1)", name);

    public static List<string> List(IndexConnection queue) => queue.Query("SELECT name FROM drops", static row => row.GetString(0));

    public static void Remove(IndexConnection queue, string name) => queue.Execute("DELETE FROM drops WHERE name = $1", name);
}
