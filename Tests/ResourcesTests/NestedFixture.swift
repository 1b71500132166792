#if Hummingbird
import PipelineTesting
import Repositories

@testable import Resources

/// The users, groups and permissions that the vectors were recorded with: users belong to groups, and groups have permissions.
struct NestedFixture {
    /// The rows of a model, of which any field can be the key.
    private static let rows: [String: [[RowValue]]] = [
        "users": [user(1, "vova"), user(2, "gena")],
        "groups": [group(3, "users"), group(4, "admins"), group(5, "supers")],
        "permissions": [group(6, "read"), group(7, "update"), group(8, "delete")],
    ]

    private static func user(_ id: Int64, _ name: String) -> [RowValue] {
        [.integer(id), .text(name), .text("\(name)@example.com"), .text("00000000-0000-0000-0000-00000000000\(id)")]
    }

    private static func group(_ id: Int64, _ name: String) -> [RowValue] { [.integer(id), .text(name)] }

    private static let userGroups: [(Int64, Int64)] = [(1, 3), (2, 4), (2, 5)]
    private static let groupPermissions: [(Int64, Int64)] = [(3, 6), (4, 6), (4, 7), (5, 6), (5, 7), (5, 8)]

    /// The pairs of a parent and a child that a lookup of the child's model connects, as a join in SQL has them: with repetitions.
    private static func pairs(_ lookup: String, of model: String) -> (parent: String, pairs: [(Int64, Int64)])? {
        switch (model, lookup) {
        case ("groups", "user_groups"): ("users", userGroups)
        case ("groups", "permissions"): ("permissions", groupPermissions.map { ($1, $0) })
        case ("permissions", "group"): ("groups", groupPermissions)
        case ("permissions", "group__user_groups"):
            (
                "users",
                userGroups.flatMap { user, group in groupPermissions.filter { $0.0 == group }.map { (user, $0.1) } }
            )
        case ("users", "groups__permissions"):
            (
                "permissions",
                groupPermissions.flatMap { group, permission in
                    userGroups.filter { $0.1 == group }.map { (permission, $0.0) }
                }
            )
        default: nil
        }
    }

    struct UnknownLookup: Error {
        var name: String
    }

    /// Returns the resources of a case, those at the top.
    static func resources(_ vector: NestedVector, _ settings: ResourceSettings) throws -> [Resource] {
        var settings = settings
        settings.hasTrailingSlash = vector.trailing_slash
        return try vector.registrations.indices.filter { vector.registrations[$0].parent == nil }
            .flatMap { try resources(at: $0, vector.registrations, settings) }
    }

    /// Returns the resource of a registration: one for each alternative of its prefix.
    private static func resources(
        at index: Int, _ registrations: [NestedVector.Registration], _ settings: ResourceSettings
    ) throws -> [Resource] {
        let registration = registrations[index]
        let fields = try fields(of: registration)
        let columns = ["id", "name", "email", "code"].prefix(fields.fields.count)
        let repository = try MemoryRepository(
            fields, rows: RowBatch(columns: Array(columns), rows: rows[registration.model] ?? []))
        let children = try registrations.indices.filter { registrations[$0].parent == index }
            .flatMap { child in
                try resources(at: child, registrations, settings).map {
                    try nested($0, registrations[child], registration)
                }
            }
        return alternatives(of: registration.prefix).map { name in
            Resource(name, over: repository, settings: settings) { Children(children) }
        }
    }

    private static func nested(
        _ resource: Resource, _ child: NestedVector.Registration, _ parent: NestedVector.Registration
    ) throws -> Nested {
        let key = parent.attrs?.lookup_field
        var lookup = child.lookups?.last ?? ""
        if let key, lookup.hasSuffix("__\(key)") { lookup.removeLast(key.count + 2) }
        guard let found = pairs(lookup, of: child.model), found.parent == parent.model else {
            throw UnknownLookup(name: lookup)
        }
        let childKey = Field.integer("child")
        guard let key, let column = ["id", "name", "email", "code"].firstIndex(of: key) else {
            let parentKey = Field.integer("parent")
            let join = try MemoryRepository(
                FieldSet("members", Field.integer("id").key(), parentKey, childKey),
                rows: RowBatch(columns: ["parent", "child"], rows: found.pairs.map { [.integer($0), .integer($1)] }))
            return Nested(resource, through: join, from: parentKey, to: childKey)
        }
        let parentKey = Field.text("parent")
        let join = try MemoryRepository(
            FieldSet("members", Field.integer("id").key(), parentKey, childKey),
            rows: RowBatch(
                columns: ["parent", "child"],
                rows: found.pairs.map { parent, child in
                    let row = (rows[found.parent] ?? []).first { $0[0] == .integer(parent) }
                    return [row?[column] ?? .null, .integer(child)]
                }))
        return Nested(resource, through: join, from: parentKey, to: childKey)
    }

    private static func fields(of registration: NestedVector.Registration) throws -> FieldSet {
        let key = registration.attrs?.lookup_field ?? "id"
        let id = key == "id" ? Field.integer("id").key() : Field.integer("id")
        let name = Field.text("name")
        guard registration.model == "users" else { return FieldSet(registration.model, id, name) }
        let email = key == "email" ? Field.text("email").key(writtenByClients: true) : Field.text("email")
        let code = key == "code" ? Field.text("code").key(writtenByClients: true) : Field.text("code")
        return FieldSet("users", id, name, email, code)
    }

    /// Returns the names for a prefix, which may begin with a group of alternatives: `(?P<version>v1|v2)/users`.
    private static func alternatives(of prefix: String) -> [String] {
        guard prefix.hasPrefix("("), let end = prefix.firstIndex(of: ")"), let start = prefix.firstIndex(of: ">") else {
            return [prefix]
        }
        return prefix[prefix.index(after: start)..<end].split(separator: "|").map(String.init).map {
            $0 + String(prefix[prefix.index(after: end)...])
        }
    }

    private struct Children: ResourceFeature {
        let children: [Nested]

        init(_ children: [Nested]) { self.children = children }

        func apply(to settings: inout ResourceSettings) { settings.children = children }
    }
}
#endif
