/// Where each protobuf package goes in Swift. A new package is one line here.
struct Place {
    /// The Swift module, and the folder of its generated files.
    var module: String
    var folder: String
    /// A caseless enum that holds the package's types; nil: they stand at the module's top level.
    var namespace: String?
    /// Events: unknown fields refused always, personal fields sealed, the schema rules of DESIGN.md 4 checked.
    var isEvent = false

    /// What stands before a type's name everywhere, so that equal names in two packages never mix.
    var prefix: String { namespace ?? module }

    static let table: [String: Place] = [
        "twolists.v1": Place(module: "Schema", folder: "Sources/Schema/Generated"),
        "twolists.event.v1": Place(
            module: "Schema", folder: "Sources/Schema/Generated", namespace: "EventV1", isEvent: true),
        "ttrpc": wire("Ttrpc"),
        "google.rpc": wire("GoogleRPC"),
        "google.protobuf": wire("GoogleProtobuf"),
        "grpc.health.v1": wire("GRPCHealthV1"),
        "grpc.reflection.v1": wire("GRPCReflectionV1"),
        "twolists.wire.v1": wire("WireV1"),
        "twolists.interop.v1": wire("InteropV1"),
        "twolists.test.v1": test("TestV1"),
        "twolists.test.event.v1": test("TestEventV1", isEvent: true),
    ]

    private static func wire(_ namespace: String) -> Place {
        Place(module: "Wire", folder: "Sources/Wire/Generated", namespace: namespace)
    }

    private static func test(_ namespace: String, isEvent: Bool = false) -> Place {
        Place(
            module: "WireTests", folder: "Tests/WireTests/Generated", namespace: namespace, isEvent: isEvent)
    }

    /// Packages the table does not know (somebody else's schema, run by hand) get a namespace made of their name.
    static func of(package: String) -> Place {
        if let known = table[package] { return known }
        let namespace = package.split(separator: ".").map { upperCamel(String($0)) }.joined()
        return Place(
            module: "Other", folder: "Generated", namespace: namespace.isEmpty ? "NoPackage" : namespace)
    }
}
