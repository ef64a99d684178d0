# SPDX-License-Identifier: GPL-3.0-or-later
"""What MobileSAM is made of: its sizes, and the names and shapes of its tensors as its authors' file has them.

The image encoder is a TinyViT of four stages (Wu et al., "TinyViT: Fast Pretraining Distillation for Small Vision
Transformers", ECCV 2022), distilled from SAM's by Zhang et al., "Faster Segment Anything: Towards Lightweight SAM for
Mobile Applications", 2023; prompt encoder and mask decoder are those of SAM (Kirillov et al., "Segment Anything",
ICCV 2023).
"""

from __future__ import annotations

from dataclasses import dataclass

SIDE = 1024  # pixels of the square that the encoder sees
GRID = 64  # cells along each side of what it makes of it
LOGITS = 256  # cells along each side of a mask as the decoder gives it
WIDTH = 256  # channels of embeddings and tokens
HEADS = 8  # of the decoder's attention
HIDDEN = 2048  # channels within the decoder's perceptrons
LAYERS = 2  # of the decoder's transformer
MASKS = 4  # the whole that several prompts mean, and three readings of one click


@dataclass(frozen=True)
class Stage:
    """One stage of the encoder. side: cells along each side. The first has convolutions only, and no window."""

    channels: int
    side: int
    blocks: int
    heads: int
    window: int


STAGES = (Stage(64, 256, 2, 0, 0), Stage(128, 128, 2, 4, 7), Stage(160, 64, 6, 5, 14), Stage(320, 64, 2, 10, 7))

Shapes = dict[str, tuple[int, ...]]


def shapes() -> Shapes:
    """The shapes of all tensors that are used, by name."""
    return {**_encoder(), **_prompt_encoder(), **_mask_decoder()}


def _encoder() -> Shapes:
    first = STAGES[0].channels
    found = {
        **_normed_convolution("patch_embed.seq.0", (first // 2, 3, 3, 3)),
        **_normed_convolution("patch_embed.seq.2", (first, first // 2, 3, 3)),
    }
    for i, stage in enumerate(STAGES):
        block = _attention_block(stage) if stage.window else _inverted_bottleneck(stage.channels)
        for j in range(stage.blocks):
            found |= _under(f"layers.{i}.blocks.{j}", block)
        if i + 1 < len(STAGES):
            found |= _under(f"layers.{i}.downsample", _merge(stage.channels, STAGES[i + 1].channels))
    found |= {"neck.0.weight": (WIDTH, STAGES[-1].channels, 1, 1), "neck.2.weight": (WIDTH, WIDTH, 3, 3)}
    found |= _norm("neck.1", WIDTH) | _norm("neck.3", WIDTH)
    return _under("image_encoder", found)


def _inverted_bottleneck(channels: int) -> Shapes:
    hidden = 4 * channels
    return {
        **_normed_convolution("conv1", (hidden, channels, 1, 1)),
        **_normed_convolution("conv2", (hidden, 1, 3, 3)),
        **_normed_convolution("conv3", (channels, hidden, 1, 1)),
    }


def _merge(channels: int, into: int) -> Shapes:
    return {
        **_normed_convolution("conv1", (into, channels, 1, 1)),
        **_normed_convolution("conv2", (into, 1, 3, 3)),
        **_normed_convolution("conv3", (into, into, 1, 1)),
    }


def _attention_block(stage: Stage) -> Shapes:
    channels = stage.channels
    return {
        "attn.attention_biases": (stage.heads, stage.window**2),
        **_norm("attn.norm", channels),
        **_linear("attn.qkv", channels, 3 * channels),
        **_linear("attn.proj", channels, channels),
        **_norm("mlp.norm", channels),
        **_linear("mlp.fc1", channels, 4 * channels),
        **_linear("mlp.fc2", 4 * channels, channels),
        **_normed_convolution("local_conv", (channels, 1, 3, 3)),
    }


def _prompt_encoder() -> Shapes:
    found: Shapes = {"pe_layer.positional_encoding_gaussian_matrix": (2, WIDTH // 2)}
    found |= {f"point_embeddings.{i}.weight": (1, WIDTH) for i in range(4)}
    found |= {"not_a_point_embed.weight": (1, WIDTH), "no_mask_embed.weight": (1, WIDTH)}
    found |= {"mask_downscaling.0.weight": (4, 1, 2, 2), "mask_downscaling.0.bias": (4,)}
    found |= {"mask_downscaling.3.weight": (16, 4, 2, 2), "mask_downscaling.3.bias": (16,)}
    found |= {"mask_downscaling.6.weight": (WIDTH, 16, 1, 1), "mask_downscaling.6.bias": (WIDTH,)}
    found |= _norm("mask_downscaling.1", 4) | _norm("mask_downscaling.4", 16)
    return _under("prompt_encoder", found)


def _mask_decoder() -> Shapes:
    found: Shapes = {"iou_token.weight": (1, WIDTH), "mask_tokens.weight": (MASKS, WIDTH)}
    for i in range(LAYERS):
        found |= _under(f"transformer.layers.{i}", _decoder_layer())
    found |= _attention("transformer.final_attn_token_to_image", WIDTH // 2)
    found |= _norm("transformer.norm_final_attn", WIDTH) | _norm("output_upscaling.1", WIDTH // 4)
    found |= {"output_upscaling.0.weight": (WIDTH, WIDTH // 4, 2, 2), "output_upscaling.0.bias": (WIDTH // 4,)}
    found |= {"output_upscaling.3.weight": (WIDTH // 4, WIDTH // 8, 2, 2), "output_upscaling.3.bias": (WIDTH // 8,)}
    for i in range(MASKS):
        found |= _perceptron(f"output_hypernetworks_mlps.{i}", WIDTH // 8)
    found |= _perceptron("iou_prediction_head", MASKS)
    return _under("mask_decoder", found)


def _decoder_layer() -> Shapes:
    found = {
        **_attention("self_attn", WIDTH),
        **_attention("cross_attn_token_to_image", WIDTH // 2),
        **_attention("cross_attn_image_to_token", WIDTH // 2),
        **_linear("mlp.lin1", WIDTH, HIDDEN),
        **_linear("mlp.lin2", HIDDEN, WIDTH),
    }
    for i in range(1, 5):
        found |= _norm(f"norm{i}", WIDTH)
    return found


def _attention(name: str, inner: int) -> Shapes:
    linear = {
        **_linear("q_proj", WIDTH, inner),
        **_linear("k_proj", WIDTH, inner),
        **_linear("v_proj", WIDTH, inner),
        **_linear("out_proj", inner, WIDTH),
    }
    return _under(name, linear)


def _perceptron(name: str, outputs: int) -> Shapes:
    first, second = _linear("layers.0", WIDTH, WIDTH), _linear("layers.1", WIDTH, WIDTH)
    return _under(name, first | second | _linear("layers.2", WIDTH, outputs))


def _normed_convolution(name: str, shape: tuple[int, int, int, int]) -> Shapes:
    statistics = ("weight", "bias", "running_mean", "running_var")
    return _under(name, {"c.weight": shape, **{f"bn.{each}": shape[:1] for each in statistics}})


def _linear(name: str, inputs: int, outputs: int) -> Shapes:
    return _under(name, {"weight": (outputs, inputs), "bias": (outputs,)})


def _norm(name: str, channels: int) -> Shapes:
    return _under(name, {"weight": (channels,), "bias": (channels,)})


def _under(prefix: str, found: Shapes) -> Shapes:
    return {f"{prefix}.{name}": shape for name, shape in found.items()}
