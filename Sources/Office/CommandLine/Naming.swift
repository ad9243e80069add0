/// Finding what a typed name means among known ones.
package enum Naming {
    /// The item of exactly that name, else the only one whose name contains what was typed (曾都 for 曾都区, 供电 for 供电改造). nil when there is
    /// none, or when several would do: nothing is guessed.
    package static func match<Item>(_ typed: String, in items: [Item], name: (Item) -> String) -> Item? {
        if let exact = items.first(where: { name($0) == typed }) { return exact }
        guard !typed.isEmpty else { return nil }
        let near = items.filter { name($0).contains(typed) }
        return near.count == 1 ? near[0] : nil
    }
}
