// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every Swift target: language mode 6, strict concurrency, warnings are errors.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "TwoLists",
    products: [
        .library(name: "TwoListsClient", targets: ["TwoListsClient"]),
        .executable(name: "twolists-server", targets: ["twolists-server"]),
        .executable(name: "twolists", targets: ["twolists"]),
        .executable(name: "twolists-bench", targets: ["twolists-bench"]),
        .executable(name: "protoc-gen-twolists", targets: ["protoc-gen-twolists"]),
    ],
    targets: [
        .target(
            name: "COpenSSL",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CLinux"),
        library("Metrics", []),
        library("Wire", []),
        library("Manual", []),
        library("Schema", ["Wire"]),
        library("Crypto", ["COpenSSL"]),
        library("Exchange", ["Schema", "Wire"]),
        library("Journal", ["Metrics", "Crypto", "CLinux"]),
        library("RPC", ["Metrics", "Wire", "Crypto", "COpenSSL", "CLinux"]),
        library("Bureau", ["Metrics", "Exchange", "Journal", "Schema", "Wire", "Crypto", "CLinux"]),
        library("TwoListsClient", ["RPC", "Schema", "Wire", "Crypto"]),
        library("Office", ["TwoListsClient", "Exchange", "Manual", "Schema", "Wire", "Crypto", "CLinux"]),
        program(
            "twolists-server",
            ["Metrics", "Bureau", "Journal", "RPC", "Manual", "Schema", "Wire", "Crypto", "CLinux"]),
        program(
            "twolists",
            ["Office", "TwoListsClient", "Exchange", "Manual", "Schema", "Wire", "Crypto", "CLinux"]),
        program(
            "twolists-bench",
            [
                "RPC", "Schema", "Wire", "Crypto", "Exchange", "Journal", "Bureau", "Office", "CLinux",
                "COpenSSL",
            ]),
        program("protoc-gen-twolists", ["Wire", "Crypto", "CLinux"]),

        .target(
            name: "TestSupport", dependencies: ["Wire", "Crypto", "CLinux"], path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(
            name: "BureauTestSupport",
            dependencies: ["TestSupport", "Bureau", "Exchange", "Journal", "Schema", "Wire", "Crypto"],
            path: "Tests/BureauTestSupport", swiftSettings: settings),
        tests("WireTests", ["Wire"], exclude: ["requirements.txt"]),
        tests("MetricsTests", ["Metrics"], exclude: ["requirements.txt"]),
        tests("SchemaTests", ["Schema", "Wire"]),
        tests("CryptoTests", ["Crypto"]),
        tests(
            "ExchangeTests", ["BureauTestSupport", "Exchange", "Schema", "Wire", "Crypto"],
            exclude: ["requirements.txt", "workdays.py"]),
        tests("JournalTests", ["Journal", "Crypto"]),
        tests("RPCTests", ["Metrics", "RPC", "Wire", "Crypto"]),
        tests(
            "BureauTests",
            ["BureauTestSupport", "Bureau", "Exchange", "Journal", "Schema", "Wire", "Crypto", "CLinux"]),
        tests(
            "TwoListsClientTests",
            ["BureauTestSupport", "TwoListsClient", "RPC", "Schema", "Wire", "Crypto"]),
        tests(
            "OfficeTests",
            [
                "BureauTestSupport", "Office", "Exchange", "Manual", "RPC", "Schema", "Wire", "Crypto",
                "TwoListsClient",
            ],
            exclude: ["Spreadsheet/requirements.txt", "Spreadsheet/oracle.py"]),
        tests("GeneratorTests", ["Wire", "Schema"]),
        tests("HouseRules", []),
        tests(
            "Conformance",
            [
                "BureauTestSupport", "Bureau", "Exchange", "Journal", "RPC", "Schema", "Wire", "Crypto",
                "TwoListsClient",
                "Office",
            ],
            exclude: ["INTEROP.md", "python"]),
        tests(
            "Simulation",
            ["BureauTestSupport", "Bureau", "Exchange", "Journal", "Schema", "Wire", "Crypto"]),
        tests(
            "EndToEnd",
            [
                "BureauTestSupport", "TwoListsClient", "RPC", "Bureau", "Journal", "Exchange", "Schema",
                "Wire",
                "Crypto",
            ],
            exclude: ["CityYear", "city-year.sh", "city.sh", "demo.sh", "year.sh"]),
    ]
)
