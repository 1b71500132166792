/// The unique names that a bit looks up, in code-point order and encoded for the key.
struct NamedMembers: Sendable, Hashable {
    struct Member: Sendable, Hashable {
        var name: String
        /// The bytes that are compared with the names of a request.
        var utf8: [UInt8]
        /// The name in the key: quoted, escaped and followed by a colon.
        var encoded: [UInt8]
    }

    let members: [Member]

    init(_ names: [String]) {
        var members: [Member] = []
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            if let last = members.last, last.name.utf8.elementsEqual(name.utf8) { continue }
            members.append(Member(name: name, utf8: Array(name.utf8), encoded: KeyWriter.encodedName(name)))
        }
        self.members = members
    }
}
