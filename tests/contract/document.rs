//! The contract by itself: complete, consistent, and the one that is committed.
use std::collections::BTreeSet;
use std::path::PathBuf;

use kiteline_tests::contract::Contract;
use serde_json::{Value, json};

#[test]
fn the_committed_contract_is_the_generated_one() {
    let committed = include_str!("../../openapi.yaml");
    let generated = api::openapi::contract();
    assert!(
        committed == generated,
        "openapi.yaml is out of date: run `cargo run -p api -- openapi > openapi.yaml`"
    );
}

#[test]
fn every_operation_says_what_it_does_under_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (method, path, operation) in Contract::ours().operations() {
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(summary.ends_with('.'), "{method} {path} has no summary");
        assert!(
            operation["tags"].as_array().is_some_and(|tags| tags.len() == 1),
            "{method} {path} has no tag"
        );
        let name = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            names.insert(name),
            "{method} {path}: {name} is the name of another operation"
        );
    }
}

/// Of two schemas with one name the contract would keep one, and say that it is both.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    let mut folders = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../api/src"))];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("a folder of the source") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let source = std::fs::read_to_string(&path).expect("source is text");
                for name in schemas(&source) {
                    assert!(names.insert(name.clone()), "{}: {name} again", path.display());
                }
            }
        }
    }
    assert!(
        names.contains("ImportFault") && names.contains("FaultView"),
        "{names:?}"
    );
}

/// The names of the schemas that a file of source declares.
fn schemas(source: &str) -> Vec<String> {
    let items = syn::parse_file(source).expect("source is Rust").items;
    let named = items.iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some((&item.attrs, &item.ident)),
        syn::Item::Enum(item) => Some((&item.attrs, &item.ident)),
        _ => None,
    });
    let schema = |(attributes, name): (&Vec<syn::Attribute>, &syn::Ident)| {
        let said = |of: &str| {
            let lists = attributes.iter().filter_map(|one| one.meta.require_list().ok());
            let of_that_name = lists.filter(|list| list.path.is_ident(of));
            of_that_name
                .map(|list| list.tokens.to_string())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let renamed = said("schema");
        let renamed = renamed.strip_prefix("as = ").and_then(|rest| rest.split(", ").next());
        let name = renamed.map_or_else(|| name.to_string(), str::to_owned);
        said("derive").contains("ToSchema").then_some(name)
    };
    named.filter_map(schema).collect()
}

#[test]
fn every_part_of_a_path_is_declared() {
    for (method, path, operation) in Contract::ours().operations() {
        let parts: BTreeSet<_> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let declared = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["in"] == "path");
        let declared: BTreeSet<_> = declared.filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(parts, declared, "{method} {path}");
    }
}

#[test]
fn every_operation_promises_the_problems_that_its_shape_brings() {
    for (method, path, operation) in Contract::ours().operations() {
        let promises = |status: &str| operation["responses"].get(status).is_some();
        let protected = operation["security"].as_array().is_some_and(|list| !list.is_empty());
        assert_eq!(promises("403"), protected, "{method} {path} 403");
        assert!(!protected || promises("401"), "{method} {path} 401");
        assert!(!path.contains('{') || promises("404"), "{method} {path} 404");
        let versioned = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| one["name"] == "If-Match");
        assert_eq!(
            promises("428") && promises("412"),
            versioned,
            "{method} {path} 412, 428"
        );
        assert!(promises("503") && promises("500"), "{method} {path} 5xx");
    }
}

#[test]
fn every_example_is_valid() {
    let contract = Contract::ours();
    let components = &contract.document()["components"];
    let mut seen = 0;
    for (method, path, operation) in contract.operations() {
        let responses = operation["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, response)| response);
        for holder in responses.chain([&operation["requestBody"]]) {
            let Some(content) = holder.get("content").and_then(Value::as_object) else {
                continue;
            };
            for (media_type, content) in content.iter().filter(|(media_type, _)| media_type.ends_with("json")) {
                let mut schema = content["schema"].clone();
                schema["components"] = components.clone();
                let example = content
                    .get("example")
                    .unwrap_or_else(|| panic!("{method} {path}: no example"));
                let validator = jsonschema::options()
                    .should_validate_formats(true)
                    .build(&schema)
                    .unwrap();
                let faults: Vec<_> = validator
                    .iter_errors(example)
                    .map(|e| format!("{}: {e}", e.instance_path()))
                    .collect();
                assert!(
                    faults.is_empty(),
                    "{method} {path} {media_type}: {faults:?}\n{example:#}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 0);
}

#[test]
fn a_body_refuses_fields_that_it_does_not_know() {
    let contract = Contract::ours();
    for (method, path, operation) in contract.operations() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) else {
            continue;
        };
        let schema = &contract.document()["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], json!(false), "{method} {path}: {name}");
    }
}
