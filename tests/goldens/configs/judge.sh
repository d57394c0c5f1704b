#!/bin/sh
# Saves all 40 applications with TransferKit and has Keras open them, a few at a time, because together they take 30 GB. Prints a table.
#
#     sh tests/goldens/configs/judge.sh [PYTHON]       after: dotnet build tests/TransferKit.PublicApi.Tests
cd "$(dirname "$0")/../../.." || exit
TRANSFERKIT_KERAS_FOLDER=$(mktemp -d)
export TRANSFERKIT_KERAS_FOLDER
status=0
echo '| file | parameters | largest difference, relative | compiled | same |'
echo '| --- | --- | --- | --- | --- |'
for part in vgg resnet50 resnet101 resnet152 inception xception densenet mobilenet nasnet efficientnet_b0 efficientnet_b1 efficientnet_b2 \
    efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_v2_b efficientnet_v2_s efficientnet_v2_m \
    efficientnet_v2_l convnext_tiny convnext_small convnext_base convnext_large convnext_xlarge; do
    dotnet test "${TESTS:-tests/TransferKit.PublicApi.Tests}" --no-build -s tests/slow.runsettings \
        --filter "FullyQualifiedName~Keras_to_judge&DisplayName~$part" > "$TRANSFERKIT_KERAS_FOLDER/log" 2>&1 \
        || { cat "$TRANSFERKIT_KERAS_FOLDER/log" >&2; status=1; }
    "${1:-python3}" -B tests/goldens/configs/check.py "$TRANSFERKIT_KERAS_FOLDER" --delete || status=1
done
rm -r "$TRANSFERKIT_KERAS_FOLDER"
exit $status
